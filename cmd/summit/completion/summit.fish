# Completion of summit for fish: summit completion fish > ~/.config/fish/completions/summit.fish
function __summit_words
    set -l before (commandline -opc)
    set -l last (commandline -ct)
    printf '%s\n' $before[2..-1] "$last" | $before[1] completion words 2>/dev/null
end
function __summit_offers
    test -n "$(__summit_words)"
end
complete -c summit -n __summit_offers -f -a '(__summit_words)'
