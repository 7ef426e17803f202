"""Types lines and TAB into an interactive shell, as a person would.

Usage: complete.py SHELL PROGRAM COMPLETION-SCRIPT, cases on standard input as a JSON array of
{"type": TEXT, "tabs": NUMBER, "list": [TEXT, ...]}.

A case without "list" is answered with the words the shell has on its line after TAB: the
line is put behind the command "show", which writes its arguments to the file $SHOWN. A
case with "list" is answered with those texts that appeared on the screen. The answers go
to standard output as a JSON array of arrays.
"""

import json
import os
import sys

import pexpect

COMMANDS = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}

# The prompt is set in two pieces, so that the echo of the command is not taken for it.
PREPARE = {
    "bash": [
        ". /usr/share/bash-completion/bash_completion",
        "bind 'set enable-bracketed-paste off'",
        "bind 'set page-completions off'",
        "bind 'set completion-query-items 0'",
        "PS1='rea''dy>'",
    ],
    "zsh": ["autoload -Uz compinit && compinit -u -D", "PROMPT='rea''dy>'"],
    "fish": ["function fish_prompt; echo -n 'rea''dy>'; end"],
}


def start(shell, program, script):
    terminal = pexpect.spawn(program, COMMANDS[shell], encoding="utf-8", dimensions=(60, 220), timeout=30)
    for command in PREPARE[shell]:
        terminal.send(command + "\r")
    terminal.expect_exact("ready>")
    terminal.send("source '" + script + "'; echo sour''ced\r")
    terminal.expect_exact("sourced")
    terminal.expect_exact("ready>")
    return terminal


def words(terminal, case):
    """The words on the line after TAB."""
    terminal.send(case["type"] + "\t" * case["tabs"] + "\x01show \r")
    return shown(terminal)


def shown(terminal):
    terminal.expect_exact("shown.")
    terminal.expect_exact("ready>")
    with open(os.environ["SHOWN"], encoding="utf-8") as file:
        return file.read().splitlines()


def listed(terminal, case):
    """Those of the wanted texts that the shell lists. The line is thrown away."""
    terminal.send(case["type"] + "\t" * case["tabs"])
    missing = list(case["list"])
    try:
        while missing:
            missing.pop(terminal.expect_exact(missing))
    except pexpect.TIMEOUT:
        pass
    # Not an interrupt: the completion after the second TAB may still be running.
    terminal.send("\x05\x15show nothing\r")
    shown(terminal)
    return [text for text in case["list"] if text not in missing]


def main():
    shell, program, script = sys.argv[1:]
    cases = json.load(sys.stdin)
    terminal = start(shell, program, script)
    answers = [listed(terminal, case) if case["list"] else words(terminal, case) for case in cases]
    terminal.close(force=True)
    json.dump(answers, sys.stdout)


main()
