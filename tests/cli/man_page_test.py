"""The manual page: what --help says of every command, in pages that groff formats
without a warning.

    man_page_test.py PAGE [GROFF]
"""
import os
import pathlib
import re
import subprocess
import sys

COMMAND = re.compile(r'^\.SH "COMMAND (\w+)"$', re.MULTILINE)
SECTIONS = ("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "PRESETS", "ENVIRONMENT", "FILES",
            '"EXIT STATUS"', "EXAMPLES")


def flags_of(command):
    done = subprocess.run([os.environ["MICROGPT_EXE"], command, "--help"], check=True,
                          text=True, capture_output=True)
    # Rows of flags begin with two blanks; what follows describes them.
    return set(re.findall(r"^  (?:-\w, )?(--[a-z0-9-]+)", done.stdout, re.MULTILINE))


def check_contents(page):
    problems = [f"no section {section}" for section in SECTIONS
                if f"\n.SH {section}\n" not in page]
    parts = COMMAND.split(page)
    commands = dict(zip(parts[1::2], parts[2::2]))
    if len(commands) < 5:
        problems.append(f"too few commands: {list(commands)}")
    environment = page.split("\n.SH ENVIRONMENT\n")[-1].split("\n.SH ")[0]
    for command, text in commands.items():
        text = text.split("\n.SH ")[0].replace("\\-", "-")
        described = set(re.findall(r"^(?:\\fB-\w\\fR, )?\\fB(--[a-z0-9-]+)", text, re.MULTILINE))
        if described != flags_of(command) or len(described) < 5:
            problems.append(f"{command}: {described ^ flags_of(command)}")
        for flag in described - {"--help", "--version"}:
            variable = "MICROGPT_" + flag[2:].replace("-", "_").upper()
            if f"\\fB{variable}\\fR" not in environment:
                problems.append(f"ENVIRONMENT lacks {variable}")
    if re.search(r"20\d\d-\d\d", page):
        problems.append("a date, which would differ between builds")
    return problems


def check_format(path, groff):
    done = subprocess.run([groff, "-man", "-ww", "-z", path], text=True, capture_output=True,
                          check=False)
    return [f"groff: {done.stderr}"] if done.returncode != 0 or done.stderr else []


def main(path, groff=None):
    problems = check_contents(pathlib.Path(path).read_text(encoding="utf-8"))
    if groff:
        problems += check_format(path, groff)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
