"""Installs the build into an empty folder, moves that elsewhere, and builds the
example of docs/examples with what is there: by pkg-config, CMake and Meson, with
the shared and the static library. All must train what the program trains."""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = map(pathlib.Path, sys.argv[1:3])
VERSION, MESON, NINJA = sys.argv[3:6]
COMPILER = sys.argv[6:]
EXAMPLES = ROOT / "docs" / "examples"
# Of the program, to do what the example does.
SAME_RUN = ("--n-embd 32 --batch-size 16 --num-steps 200 --val-split 0.1 --eval-every 100"
            " --num-samples 5 --quiet").split()


def run(*command, cwd=None, expected=0, **environment):
    done = subprocess.run([str(word) for word in command], cwd=cwd, text=True,
                          env=dict(os.environ, **environment), check=False,
                          capture_output=True)
    if done.returncode != expected:
        raise AssertionError(f"{command} ends with {done.returncode}:\n"
                             f"{done.stdout}\n{done.stderr}")
    return done.stdout


def results(output):
    """Samples and digest of the program or the example."""
    lines = [line for line in output.splitlines() if line.startswith(("sample", "digest"))]
    return [line.split(": ", 1)[-1] for line in lines]


class InstalledTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temp.name)
        run(MESON, "install", "-C", BUILD, "--no-rebuild", "--quiet",
            DESTDIR=str(cls.folder / "staged"))
        prefix = next((cls.folder / "staged").rglob("bin/microgpt")).parents[1]
        # Nothing may know where it has been.
        cls.prefix = cls.folder / "moved away"
        prefix.rename(cls.prefix)
        cls.pkg_config = next(cls.prefix.rglob("microgpt.pc")).parent
        cls.libdir = cls.pkg_config.parent
        cls.kinds = [kind for kind, name in (("shared", "libmicrogpt.so"),
                                             ("static", "libmicrogpt.a"))
                     if (cls.libdir / name).exists()]
        cls.corpus = cls.folder / "corpus.txt"
        cls.corpus.write_text("".join(f"žena{i * 7919 % 1000}\n" for i in range(500)),
                              encoding="utf-8")
        cls.program = cls.prefix / "bin" / "microgpt"
        cls.expected = results(run(cls.program, *SAME_RUN, "--input", cls.corpus))

    @classmethod
    def tearDownClass(cls):
        cls.temp.cleanup()

    def query(self, *arguments):
        return shlex.split(run("pkg-config", *arguments, "microgpt",
                               PKG_CONFIG_PATH=str(self.pkg_config)))

    def check_example(self, exe, kind):
        needed = run("ldd", exe, LD_LIBRARY_PATH="")
        self.assertEqual("libmicrogpt.so" in needed, kind == "shared", needed)
        output = run(exe, self.corpus, LD_LIBRARY_PATH=str(self.libdir))
        self.assertEqual(results(output), self.expected)

    def compile(self, exe, libraries):
        run(*COMPILER, "-std=c++20", "-Wall", "-Wextra", "-Werror", *self.query("--cflags"),
            EXAMPLES / "train_and_sample.cc", "-o", exe, *libraries)

    def test_all_is_there(self):
        self.assertEqual(len(self.expected), 6)
        self.assertTrue(self.kinds)
        headers = {path.name for path in (ROOT / "include/microgpt").glob("*.h")}
        installed = {path.name for path in (self.prefix / "include/microgpt").iterdir()}
        self.assertEqual(installed, headers)
        docs = self.prefix / "share/doc/microgpt"
        for name in ("README.md", "LICENSE", "CHANGELOG.md", "docs/API.md",
                     "docs/examples/train_and_sample.cc"):
            self.assertTrue((docs / name).is_file(), name)
        self.assertEqual([path for path in docs.rglob("meson.build")],
                         [docs / "docs/examples/meson.build"])

    def test_the_program_needs_no_shared_library_of_ours(self):
        self.assertNotIn("libmicrogpt", run("ldd", self.program))
        self.assertIn(VERSION, run(self.program, "--version"))

    def test_names_of_the_shared_library(self):
        if "shared" not in self.kinds:
            self.skipTest("not installed")
        major, minor = VERSION.split(".")[:2]
        series = f"0.{minor}" if major == "0" else major
        self.assertEqual(os.readlink(self.libdir / "libmicrogpt.so"), f"libmicrogpt.so.{series}")
        self.assertEqual(os.readlink(self.libdir / f"libmicrogpt.so.{series}"),
                         f"libmicrogpt.so.{VERSION}")

    def test_no_path_of_the_build_is_left(self):
        texts = [*self.pkg_config.iterdir(), *(self.libdir / "cmake/microgpt").iterdir()]
        self.assertEqual(len(texts), 3)
        for path in [*texts, self.program, *self.libdir.glob("libmicrogpt.*")]:
            for place in (ROOT, BUILD):
                self.assertNotIn(os.fsencode(str(place)), path.read_bytes(), path)

    def test_pkg_config(self):
        self.assertEqual(self.query("--modversion"), [VERSION])
        for kind in self.kinds:
            with self.subTest(kind):
                libraries = self.query("--libs")
                if kind == "static":
                    # The archive by name, or the linker prefers the shared one.
                    libraries = ["-l:libmicrogpt.a" if word == "-lmicrogpt" else word
                                 for word in self.query("--libs", "--static")]
                self.compile(self.folder / kind, libraries)
                self.check_example(self.folder / kind, kind)

    def test_the_example_reports_errors_and_saves(self):
        libraries = self.query("--libs")
        exe = self.folder / "saving"
        self.compile(exe, libraries)
        saved = self.folder / "saved"
        paths = {"LD_LIBRARY_PATH": str(self.libdir)}
        # Thrown in the library, caught outside.
        run(exe, self.folder / "missing.txt", expected=3, **paths)
        run(exe, self.corpus, self.folder / "no" / "folder", expected=4, **paths)
        output = run(exe, self.corpus, saved, **paths)
        self.assertIn(results(output)[-1], run(self.program, "info", "--checkpoint", saved))

    def cmake(self, name, *arguments, **keywords):
        folder = self.folder / name
        run("cmake", "-S", keywords.pop("source", EXAMPLES), "-B", folder, "-G", "Ninja",
            f"-DCMAKE_MAKE_PROGRAM={NINJA}", f"-DCMAKE_CXX_COMPILER={COMPILER[-1]}",
            f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DCMAKE_BUILD_TYPE=Release", *arguments,
            **keywords)
        return folder

    def test_cmake(self):
        for kind in self.kinds:
            with self.subTest(kind):
                folder = self.cmake("cmake-" + kind,
                                    "-DSTATIC=" + ("ON" if kind == "static" else "OFF"))
                run("cmake", "--build", folder)
                self.check_example(folder / "train_and_sample", kind)

    def test_cmake_refuses_what_is_not_there(self):
        source = self.folder / "refused"
        source.mkdir()
        major, minor = map(int, VERSION.split(".")[:2])
        for number, (request, good) in enumerate((
                ("REQUIRED", True),
                (f"{major}.{minor} REQUIRED", True),
                (f"{VERSION} EXACT REQUIRED", True),
                (f"0.0.1...{major}.{minor + 1} REQUIRED", True),
                (f"{major}.{minor + 1} REQUIRED", False),
                (f"{major + 1} REQUIRED", False),
                (f"0.0.1...<{VERSION} REQUIRED", False),
                ("REQUIRED COMPONENTS nonsense", False))):
            with self.subTest(request):
                (source / "CMakeLists.txt").write_text(
                    "cmake_minimum_required(VERSION 3.19)\nproject(refused CXX)\n"
                    f"find_package(microgpt {request})\n"
                    # A second time, as in a larger project.
                    f"find_package(microgpt {request})\n", encoding="utf-8")
                self.cmake(f"refused-{number}", source=source, expected=0 if good else 1)

    def test_meson(self):
        for kind in self.kinds:
            with self.subTest(kind):
                folder = self.folder / ("meson-" + kind)
                run(MESON, "setup", folder, EXAMPLES, f"-Dpkg_config_path={self.pkg_config}",
                    f"-Ddefault_library={kind}", CXX=shlex.join(COMPILER))
                run(NINJA, "-C", folder)
                self.check_example(folder / "train_and_sample", kind)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
