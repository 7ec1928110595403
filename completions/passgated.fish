# SPDX-License-Identifier: Apache-2.0
complete -c passgated -r -l config -d 'Configuration file'
complete -c passgated -f -l check-config -d 'Check and leave'
complete -c passgated -f -l help -d 'Print the options'
complete -c passgated -f -l version -d 'Print the version'
