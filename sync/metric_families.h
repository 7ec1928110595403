// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/metric_family.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace passgate::sync {

/// A member of a status message; 0 when there is none, or none that is a number.
double number(const nlohmann::json& entry, const char* member);

/// Metrics on their way to Prometheus' text, in the order they were added.
class MetricFamilies {
 public:
  using Labels = std::vector<prometheus::ClientMetric::Label>;

  void gauge(const char* name, const char* help, Labels labels, double value);
  void counter(const char* name, const char* help, Labels labels, double value);
  void histogram(const char* name, const char* help, Labels labels,
                 prometheus::ClientMetric::Histogram value);
  std::string text() const;

 private:
  prometheus::ClientMetric& add(const char* name, const char* help, prometheus::MetricType type,
                                Labels labels);
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace passgate::sync
