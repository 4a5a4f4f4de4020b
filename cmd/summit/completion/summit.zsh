#compdef summit
# Completion of summit for zsh: a file _summit in a folder of fpath, or source <(summit completion zsh)
_summit() {
  local word short
  local -a list
  printf '%s\n' "${(@)words[2,CURRENT]}" | "${words[1]}" completion words 2>/dev/null | while IFS=$'\t' read -r word short; do
    list+=("${word//:/\\:}:$short")
  done
  if (( ${#list} )); then
    _describe summit list
  else
    _files
  fi
}
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
  _summit "$@"
else
  compdef _summit summit
fi
