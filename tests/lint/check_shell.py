"""Shell scripts parse, stop on errors and are executable."""
import os
import pathlib
import subprocess
import sys


def main(root):
    root = pathlib.Path(root)
    scripts = sorted((root / "scripts").glob("*.sh")) + [root / ".ci" / "run"]
    scripts += sorted((root / "tests").rglob("*.sh"))
    problems = []
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        shell = "bash" if "bash" in text.splitlines()[0] else "sh"
        if subprocess.run([shell, "-n", str(script)], check=False).returncode != 0:
            problems.append(f"{script}: does not parse")
        if "set -eu" not in text:
            problems.append(f"{script}: lacks set -eu")
        if not os.access(script, os.X_OK):
            problems.append(f"{script}: is not executable")
    print("\n".join(problems))
    return 1 if problems or not scripts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
