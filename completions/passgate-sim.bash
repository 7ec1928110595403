# SPDX-License-Identifier: Apache-2.0
# Completion for bash. Where a file is wanted no word is offered, and bash takes
# over with its own.

_passgate_sim() {
  local words=""
  COMPREPLY=()
  case "$COMP_CWORD ${COMP_WORDS[1]}" in
    "1 "*) words="cloud demo reader subscriber tap --help --version" ;;
    "2 reader") words="fault --count --dir --driver --help --name" ;;
    *" reader")
      words="--count --dir --driver --help --name"
      [[ "${COMP_WORDS[2]}" == fault ]] && words="--card --help back delay errors gone hang resume short"
      ;;
    *" cloud")
      words="--account --api-key-file --faults --help --kind --listen --log --max-per-page --old-events
        --pairing-code-file --passes --reader-token-file --rescan-window-s --rps --signature-header --webhook
        --webhook-secret-file"
      ;;
    *" demo") words="--cloud --fixtures --help --keep --programs" ;;
    *" subscriber") words="--bearer-file --consent --fail --fail-status --help --listen --log --rate --secret-file" ;;
    *" tap")
      words="--choose --collector-id --count --frame --gap-ms --help --hold-ms --hostile --json --key --key-version
        --locked --no-pass --object-id --object-type --older --pass-type-id --payload --payload-hex --pin --reader
        --replay --silence-ms --stamp --stamp-skew --tamper --vscard --wallet"
      ;;
  esac
  case "${COMP_WORDS[COMP_CWORD - 1]}" in
    --*-file | --card | --dir | --driver | --fixtures | --key | --log | --passes | --programs | --reader | --replay | --vscard)
      return
      ;;
    --wallet) words="apple google" ;;
    --kind) words="passinstance passmint passninja passworks" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}

complete -o default -F _passgate_sim passgate-sim
