"""Every public header compiles on its own, twice in one file, without a warning,
and includes nothing but the standard library and other public headers."""
import pathlib
import re
import subprocess
import sys

FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow",
         "-Wconversion", "-Wsign-conversion", "-Werror", "-x", "c++", "-"]
INCLUDE = re.compile(r'^#include (?:<([a-z_]+)>|"(microgpt/\w+\.h)")$')


def problems_of(header, include_dir, compiler):
    for number, line in enumerate(header.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#include") and not INCLUDE.match(line):
            yield f"{header}:{number}: neither standard nor public: {line}"
    line = f'#include "microgpt/{header.name}"\n'
    done = subprocess.run([*compiler, f"-I{include_dir}", *FLAGS], input=line * 2, text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        yield f"{header}: does not compile on its own\n{done.stderr}"


def main(root, *compiler):
    include_dir = pathlib.Path(root) / "include"
    found = sorted(include_dir.glob("microgpt/*.h"))
    problems = [problem for header in found
                for problem in problems_of(header, include_dir, compiler)]
    print("\n".join(problems))
    return 1 if problems or not found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
