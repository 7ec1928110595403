# SPDX-License-Identifier: Apache-2.0
# Completion for bash. Where a file is wanted no word is offered, and bash takes
# over with its own.

_passgate() {
  local words=""
  COMPREPLY=()
  case "$COMP_CWORD ${COMP_WORDS[1]}" in
    "1 "*) words="config decrypt deliveries doctor keys merge metrics override pass readers replay simulate status taps undo --help --version" ;;
    "2 config") words="check show" ;;
    *" config") words="--config --origin --help" ;;
    "2 keys") words="list new" ;;
    *" keys") words="--config --json --help" ;;
    *" decrypt") words="--key --pass-type-id --help" ;;
    *" deliveries") words="show redeliver undo --config --failed --json --limit --help" ;;
    *" doctor") words="--config --json --pass --help" ;;
    *" merge") words="--config --json --help" ;;
    *" metrics") words="--config --help" ;;
    *" override" | *" undo") words="--config --json --operator --why --help" ;;
    *" pass" | *" readers" | *" status") words="--config --json --help" ;;
    *" replay") words="--json --key --help" ;;
    *" simulate") words="--journal --json --policy --help" ;;
    *" taps") words="--all --config --count --follow --ids --json --help" ;;
  esac
  case "${COMP_WORDS[COMP_CWORD - 1]}" in
    --config | --journal | --key | --policy | --pass | new) return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}

_passgate_daemon() {
  local words="--check-config --config --help --version"
  COMPREPLY=()
  [[ "$1" == *passgate-syncd ]] && words="$words --pair"
  [[ "${COMP_WORDS[COMP_CWORD - 1]}" == --config ]] && return
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}

complete -o default -F _passgate passgate
complete -o default -F _passgate_daemon passgated passgate-syncd
