# SPDX-License-Identifier: Apache-2.0
complete -c passgate-sim -n __fish_use_subcommand -f -a cloud -d 'A sandbox account of a pass cloud'
complete -c passgate-sim -n __fish_use_subcommand -f -a demo -d 'The whole system on one screen'
complete -c passgate-sim -n __fish_use_subcommand -f -a reader -d 'A private pcscd with virtual readers'
complete -c passgate-sim -n __fish_use_subcommand -f -a subscriber -d 'A backend that receives webhooks'
complete -c passgate-sim -n __fish_use_subcommand -f -a tap -d 'Hold a virtual phone to a virtual reader'
complete -c passgate-sim -n __fish_use_subcommand -f -l version -d 'Print the version'
complete -c passgate-sim -f -l help -d 'Print the options'

complete -c passgate-sim -n '__fish_seen_subcommand_from reader' -f -a 'fault gone back errors delay hang resume short'
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l account
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -r -l api-key-file
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l faults
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l kind -a 'passinstance passmint passninja passworks'
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l listen
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -r -l log
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l max-per-page
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -f -l old-events
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -r -l pairing-code-file
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -r -l passes
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -r -l reader-token-file
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l rescan-window-s
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l rps
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l signature-header
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -x -l webhook
complete -c passgate-sim -n '__fish_seen_subcommand_from cloud' -r -l webhook-secret-file
complete -c passgate-sim -n '__fish_seen_subcommand_from demo' -x -l cloud
complete -c passgate-sim -n '__fish_seen_subcommand_from demo' -r -l fixtures
complete -c passgate-sim -n '__fish_seen_subcommand_from demo' -f -l keep
complete -c passgate-sim -n '__fish_seen_subcommand_from demo' -r -l programs
complete -c passgate-sim -n '__fish_seen_subcommand_from reader' -r -l card
complete -c passgate-sim -n '__fish_seen_subcommand_from reader' -x -l count
complete -c passgate-sim -n '__fish_seen_subcommand_from reader' -r -l dir
complete -c passgate-sim -n '__fish_seen_subcommand_from reader' -r -l driver
complete -c passgate-sim -n '__fish_seen_subcommand_from reader' -x -l name
complete -c passgate-sim -n '__fish_seen_subcommand_from subscriber' -r -l bearer-file
complete -c passgate-sim -n '__fish_seen_subcommand_from subscriber' -x -l consent
complete -c passgate-sim -n '__fish_seen_subcommand_from subscriber' -x -l fail
complete -c passgate-sim -n '__fish_seen_subcommand_from subscriber' -x -l fail-status
complete -c passgate-sim -n '__fish_seen_subcommand_from subscriber' -x -l listen
complete -c passgate-sim -n '__fish_seen_subcommand_from subscriber' -r -l log
complete -c passgate-sim -n '__fish_seen_subcommand_from subscriber' -x -l rate
complete -c passgate-sim -n '__fish_seen_subcommand_from subscriber' -r -l secret-file
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -f -l choose
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l collector-id
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l count
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l frame
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l gap-ms
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l hold-ms
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l hostile
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -f -l json
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -r -l key
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l key-version
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -f -l locked
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -f -l no-pass
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l object-id
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l object-type
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -f -l older
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l pass-type-id
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l payload
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l payload-hex
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l pin
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -r -l reader
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -r -l replay
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l silence-ms
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l stamp
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l stamp-skew
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -f -l tamper
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -r -l vscard
complete -c passgate-sim -n '__fish_seen_subcommand_from tap' -x -l wallet -a 'apple google'
