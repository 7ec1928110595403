# SPDX-License-Identifier: Apache-2.0
complete -c passgate-syncd -r -l config -d 'Configuration file'
complete -c passgate-syncd -f -l check-config -d 'Check and leave'
complete -c passgate-syncd -f -l help -d 'Print the options'
complete -c passgate-syncd -f -l version -d 'Print the version'
complete -c passgate-syncd -x -l pair -d 'Pair with that provider'
