"""Runs every command of the README's ```sh blocks in an empty folder, and checks
that the files and sections it points to exist, and that tables of benchmarks are
those of reports. Without --complete, runs of 1,000 steps and more are cut to a
twentieth, and benchmarks are short."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")
LONG_RUN = re.compile(r"(--num-steps )(\d{4,})")
VARIABLE = re.compile(r"[A-Z_]+=")
# Would run this very test again, or rebuild it while it runs; .ci/run does both,
# through scripts/common.sh.
NOT_RUN = ("scripts/test.sh", "meson setup", "meson compile", "meson install")


def commands_of(readme):
    for block in BLOCK.findall(readme):
        for line in block.splitlines():
            line = line.split("  #")[0].strip()
            if line and not line.startswith("#"):
                yield line


def check_not_run(command, root, ci):
    """Commands that cannot run here must at least exist."""
    words = shlex.split(command)
    if words[0].startswith("scripts/"):
        if not os.access(root / words[0], os.X_OK):
            return [f"{command}: no such script"]
        if words[0] == "scripts/test.sh" and words[0] not in ci:
            return [f"{command}: .ci/run does not run it"]
    return []


def check_names_script(root, folder):
    """get_names.sh without a network: refuses a wrong file, leaves nothing."""
    wrong = folder / "wrong.txt"
    wrong.write_text("emma\n", encoding="utf-8")
    target = folder / "fetched.txt"
    environment = dict(os.environ, MICROGPT_NAMES_URL=wrong.as_uri())
    done = subprocess.run([str(root / "scripts/get_names.sh"), str(target)],
                          env=environment, capture_output=True, check=False)
    if done.returncode == 0 or target.exists() or (folder / "fetched.txt.part").exists():
        return ["scripts/get_names.sh accepts a wrong file or leaves a part"]
    return []


def run(command, root, exe, folder):
    words = [str(exe) if word == "build/src/cli/microgpt" else word
             for word in shlex.split(command)]
    variables = {}
    while VARIABLE.match(words[0]):
        name, value = words.pop(0).split("=", 1)
        variables[name] = value
    if words[0].startswith("scripts/"):
        words[0] = str(root / words[0])
    build = pathlib.Path(exe).parents[2]
    environment = dict(os.environ, MICROGPT_BUILD_DIR=str(build), **variables)
    done = subprocess.run(words, cwd=folder, env=environment, text=True,
                          capture_output=True, check=False, timeout=900)
    if done.returncode != 0:
        return [f"{command}: exit {done.returncode}: {done.stderr.strip()}"]
    if not done.stdout.strip():
        return [f"{command}: prints nothing"]
    return []


def check_sample_output(readme, exe, folder):
    """The output shown in the README is what the program prints by default."""
    done = subprocess.run([str(exe), "--threads", "1"], cwd=folder, text=True,
                          capture_output=True, check=False)
    printed = set(done.stdout.splitlines())
    shown = [line[4:] for line in readme.splitlines() if line.startswith("    ")]
    shown = [line for line in shown if re.match(
        r"vocab size|num params|step |mean loss|sample |digest", line)]
    problems = [f"README.md shows '{line}', the program does not"
                for line in shown if line not in printed]
    return problems if len(shown) >= 8 else problems + ["README.md: no sample output"]


def shortened(command):
    """What takes long, for a moment; a sweep is left to the complete run."""
    command = LONG_RUN.sub(lambda match: match[1] + str(int(match[2]) // 20), command)
    if " bench " not in command:
        return command
    return (command.replace("--preset sweep", "--n-layer 2") +
            " --repetitions 2 --repetition-seconds 0.01")


def printed(root, script, *arguments):
    done = subprocess.run([sys.executable, str(root / "scripts" / script), *arguments],
                          env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"), text=True,
                          encoding="utf-8", capture_output=True, check=True)
    return done.stdout


def check_reported_tables(root):
    """Tables of benchmarks are made of the reports that are part of the project."""
    reports = sorted(map(str, root.glob("docs/benchmarks/*/report.json")))
    readme = (root / "README.md").read_text(encoding="utf-8")
    scaling = (root / "docs/SCALING.md").read_text(encoding="utf-8")
    speed = [printed(root, "bench_report.py", report, "--table").strip() for report in reports]
    problems = [f"{report}: its table is in neither README.md nor docs/SCALING.md"
                for report, table in zip(reports, speed)
                if not table or not (table in readme or table in scaling)]
    sources = "".join(speed) + "".join(
        printed(root, "predict_scaling.py", report, "--bandwidth", "200") for report in reports)
    problems += [f"docs/SCALING.md: not of a report: {line}" for line in scaling.splitlines()
                 if line.startswith("| ") and line not in sources]
    return problems if reports else ["docs/benchmarks: no report"]


def main(root, exe, complete):
    exe = pathlib.Path(exe).resolve()
    root = pathlib.Path(root)
    readme = (root / "README.md").read_text(encoding="utf-8")
    ci = (root / ".ci" / "run").read_text(encoding="utf-8")
    problems = [f"README.md: no file {link}" for link in LINK.findall(readme)
                if not (root / link).exists()]
    count = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        # The text of a reader of the README.
        (folder / "my.txt").write_text("žlutý kůň\nčerný pes\nbílá kočka\n" * 20,
                                       encoding="utf-8")
        problems += check_names_script(root, folder)
        problems += check_sample_output(readme, exe, folder)
        problems += check_reported_tables(root)
        for command in commands_of(readme):
            count += 1
            if command.startswith(NOT_RUN):
                problems += check_not_run(command, root, ci)
            else:
                problems += run(command if complete else shortened(command), root, exe, folder)
    if count < 5:
        problems.append("README.md: too few commands found, is the format right?")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], "--complete" in sys.argv[3:]))
