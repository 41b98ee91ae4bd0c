# bash completion of borderwire, borderwire-console, borderwire-hub and borderwire-post.
#
# Words come from the program's own --help at each level, so that they are always those of the installed version.

_borderwire() {
    local cur prev words cword
    _init_completion -n = || return

    local program=${words[0]} level=("${words[0]}") word help
    help=$("$program" --help 2>/dev/null) || return
    for word in "${words[@]:1:cword-1}"; do
        # A command is a word that the level before it lists.
        if [[ $word != -* ]] && grep -qE "^  $(printf %q "$word")  " <<<"$(sed -n '/^Commands:/,/^$/p' <<<"$help")"; then
            level+=("$word")
            help=$("${level[@]}" --help 2>/dev/null) || return
        fi
    done

    # What the option before takes: one of the words in braces, or a file, or a directory, or something to type.
    if [[ $prev == -* ]]; then
        local takes
        takes=$(grep -E "^ +(-[a-z],)?$prev(,| )" <<<"$help" | head -n 1)
        if [[ $takes =~ \{([^}]*)\} ]]; then
            mapfile -t COMPREPLY < <(compgen -W "${BASH_REMATCH[1]//,/ }" -- "$cur")
            return
        elif [[ $takes =~ $prev\ FILE ]]; then
            _filedir
            return
        elif [[ $takes =~ $prev\ DIR ]]; then
            _filedir -d
            return
        elif [[ $takes =~ $prev\ PROVINCES ]]; then
            local provinces
            provinces=$(borderwire provinces 2>/dev/null | awk '{ print $2 }')
            mapfile -t COMPREPLY < <(compgen -W "$provinces" -- "$cur")
            return
        elif [[ $takes =~ $prev\ [A-Z] ]]; then
            return
        fi
    fi

    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(grep -oE '^ +(-[a-z],)?--[a-z-]+' <<<"$help" | grep -oE -- '--[a-z-]+')" -- "$cur")
    elif grep -q '^Commands:' <<<"$help"; then
        mapfile -t COMPREPLY < <(compgen -W "$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  .*/\1/p' <<<"$help")" -- "$cur")
    elif grep -qE '^  FILE  ' <<<"$help"; then
        _filedir
    fi
} && complete -F _borderwire borderwire borderwire-console borderwire-hub borderwire-post
