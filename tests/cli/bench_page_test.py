"""A real report of microgpt bench, checked by check_report_page.py."""
import os
import subprocess
import sys
import tempfile

import check_report_page


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [os.environ["MICROGPT_EXE"], "bench", "--threads", "1,2", "--repetitions", "3",
             "--repetition-seconds", "0.01", "--report", folder, "--label", "<test>"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        return check_report_page.main(folder)


if __name__ == "__main__":
    sys.exit(main())
