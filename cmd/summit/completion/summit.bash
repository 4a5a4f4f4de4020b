# Completion of summit for bash: source <(summit completion bash)
_summit() {
  local word short value=
  COMPREPLY=()
  # bash takes --flag=value for three words, of which the last is completed.
  [[ ${COMP_WORDS[COMP_CWORD]} == "=" || ${COMP_WORDS[COMP_CWORD-1]} == "=" ]] && value=1
  while IFS=$'\t' read -r word short; do
    [[ $value ]] && word=${word#*=}
    COMPREPLY+=("$word")
  done < <(printf '%s\n' "${COMP_WORDS[@]:1:COMP_CWORD}" | "${COMP_WORDS[0]}" completion words 2>/dev/null)
}
complete -o default -F _summit summit
