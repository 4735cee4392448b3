"""How the scripts end: 0 ok, 2 usage, 3 bad input, 4 input/output, 130 after Ctrl-C, as
microgpt does. Errors are one line on stderr."""
import argparse
import os
import signal
import sys


class Failure(Exception):
    """One line for the user."""

    def __init__(self, message, exit_code=3):
        super().__init__(message)
        self.exit_code = exit_code


class Parser(argparse.ArgumentParser):
    """With the description as it stands in a docstring, and errors of one line."""

    def __init__(self, description):
        super().__init__(description=description, allow_abbrev=False,
                         formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def say(message):
    print(message, file=sys.stderr)


def describe(error):
    """An OSError without its number."""
    file = f"{error.filename}: " if error.filename is not None else ""
    return f"{file}{error.strerror or error}"


def run(main):
    """The exit code of main(arguments)."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # "| head" is no error
    if sys.stdout is None:  # closed by the caller
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    name = os.path.basename(sys.argv[0])
    try:
        main(sys.argv[1:])
        sys.stdout.flush()
    except Failure as failure:
        say(f"{name}: {failure}")
        return failure.exit_code
    except OSError as error:
        say(f"{name}: {describe(error)}")
        # What stdout could not take would fail again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 4
    except KeyboardInterrupt:
        return 130
    return 0
