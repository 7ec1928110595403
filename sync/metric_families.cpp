// SPDX-License-Identifier: Apache-2.0
#include "sync/metric_families.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace passgate::sync {

using prometheus::MetricFamily;
using prometheus::MetricType;

double number(const nlohmann::json& entry, const char* member) {
  const auto found = entry.find(member);
  return found != entry.end() && found->is_number() ? found->get<double>() : 0;
}

void MetricFamilies::gauge(const char* name, const char* help, Labels labels, double value) {
  add(name, help, MetricType::Gauge, std::move(labels)).gauge.value = value;
}

void MetricFamilies::counter(const char* name, const char* help, Labels labels, double value) {
  add(name, help, MetricType::Counter, std::move(labels)).counter.value = value;
}

void MetricFamilies::histogram(const char* name, const char* help, Labels labels,
                               prometheus::ClientMetric::Histogram value) {
  add(name, help, MetricType::Histogram, std::move(labels)).histogram = std::move(value);
}

std::string MetricFamilies::text() const {
  return prometheus::TextSerializer().Serialize(families_);
}

prometheus::ClientMetric& MetricFamilies::add(const char* name, const char* help, MetricType type,
                                              Labels labels) {
  auto family = std::ranges::find(families_, name, &MetricFamily::name);
  if (family == families_.end()) {
    family = families_.insert(families_.end(), MetricFamily{name, help, type, {}});
  }
  auto& metric = family->metric.emplace_back();
  metric.label = std::move(labels);
  return metric;
}

}  // namespace passgate::sync
