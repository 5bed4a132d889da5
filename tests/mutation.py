"""
Mutation testing: `python -m tests.mutation [GROUP ...]`, every group when none is named.

mutmut changes one thing of a function at a time and runs the tests that reach that function; a
mutant that no test notices *survives*. This runner gives each group of modules its own tests, works
on a copy below `mutants/`, and prints a table and the difference that each survivor makes. Four
things differ from mutmut's own command:

- the wording of a refusal is not mutated, since nobody is promised it; its `detail` code is. Nor
  are the names of character sets (`UTF-8` is `utf-8`) and what `typing.cast` is told
- `@lru_cache` is taken off in the copy, since mutmut does not mutate decorated functions
- the memories of `credentials.sameness` keep nothing in the copy: all mutants are tried in forks of
  one process, and what it remembers would answer instead of the mutant
- of the tests that reach a mutant, the quick ones are run first. Left out are long ones: those
  that change things at random or leave checks out themselves, and lists of a million entries
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = "mutants"
BESIDE = ("openid4vc", "ledger", "runtime")
"""Packages that tests of the workshop use as well; they are copied, not mutated."""
READ = ("docs/reasons.md",)
"""What tests read beside code and vectors."""
COPIED = ("encoding", "credentials", *BESIDE, "tests", "pyproject.toml", *READ)
MEMORY = re.compile(r"^( +)self\._kept\[\w+\] = .*$", re.MULTILINE)
REFUSALS = frozenset(
    {"Malformed", "TokenRefused", "_fault", "_malformed", "_damaged", "_broken", "_too_complex"}
)
WORDS_ONLY = frozenset({"encode", "decode", "cast"})
"""Calls whose text argument makes no difference when its letters change."""
LEFT_OUT = (
    "can_be_left_out",
    "changed_presentation",
    "changed_list_or",
    "the_script_writes",
    "long_json",
)
"""What names of tests hold that are not run for each mutant."""
NOT_KILLED = frozenset(
    {"survived", "no tests", "not checked", "suspicious", "check was interrupted by user"}
)


@dataclass(frozen=True)
class Group:
    """Modules that are mutated together, and patterns of the tests that ought to notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]

    def find_tests(self, root):
        """The files and folders that the patterns name; a pattern without any is a mistake."""
        found = {pattern: sorted(root.glob(pattern)) for pattern in self.tests}
        for pattern, paths in found.items():
            if not paths:
                raise SystemExit(f"no test is named {pattern}")
        return sorted({str(path.relative_to(root)) for paths in found.values() for path in paths})


def _credentials(*names):
    return tuple(f"credentials/{name}.py" for name in names)


def _tests(*names):
    return tuple(f"tests/credentials/test_{name}.py" for name in names)


GROUPS = {
    "encoding": Group(
        ("encoding/*.py",),
        (
            "tests/encoding",
            "tests/properties/test_encoding_properties.py",
            "tests/properties/test_json_properties.py",
            "tests/properties/test_cbor_properties.py",
        ),
    ),
    "jose": Group(_credentials("jose"), _tests("jose*")),
    "sd_jwt": Group(
        _credentials("sd_jwt", "disclosures"),
        (
            *_tests("sd_jwt*", "exact_limits"),
            "tests/properties/test_sd_jwt_properties.py",
        ),
    ),
    "status": Group(
        _credentials("status", "status_lists"),
        (
            *_tests("status*", "verification"),
            "tests/properties/test_status_properties.py",
        ),
    ),
    "trust": Group(
        _credentials("trust"),
        _tests("trust*", "key_states", "compromise", "mdoc_verification"),
    ),
    "packing": Group(
        _credentials("packing", "lifting"),
        (*_tests("packing", "exact_limits"), "tests/properties/test_packing_properties.py"),
    ),
    "verification": Group(
        _credentials(
            "verification",
            "issuer_judgement",
            "holder_judgement",
            "status_judgement",
            "claim_judgement",
        ),
        _tests(
            "verification*",
            "*_boundaries",
            "claim_limits",
            "compromise",
            "documents",
            "jwt_vc_verdicts",
            "key_states",
            "mdoc_verification",
            "status_cwt",
            "reading",
        ),
    ),
}


def main():
    """Run the named groups one after the other, each in a process and a copy of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--children", type=int, default=1, help="mutants that are tried at once")
    parser.add_argument("--results", action="store_true", help="only print what was found before")
    parser.add_argument(
        "--again", action="store_true", help="only survivors, with today's tests and code"
    )
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        run_mutmut(GROUPS[options.inside], options.children, again=options.again)
        return
    root = Path(__file__).resolve().parent.parent
    names = options.groups or list(GROUPS)
    for name in names:
        GROUPS[name].find_tests(root)
    for name in names:
        folder = root / FOLDER / name
        if not options.results:
            if options.again:
                _copy_around(root, folder, GROUPS[name])
            else:
                _copy(root, folder)
            command = [sys.executable, "tests/mutation.py", "--inside", name]
            command += ["--again"] if options.again else []
            subprocess.run(
                [*command, "--children", str(options.children)],
                cwd=folder,
                check=True,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )
        print_results(folder, name)


def _copy(root, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(
                root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    _forget(folder)


def _copy_around(root, folder, group):
    """Today's code and tests; mutmut mutates functions anew that have changed."""
    fresh = folder.with_name(f"{folder.name}-today")
    _copy(root, fresh)
    mutated = {path.relative_to(fresh) for each in group.modules for path in fresh.glob(each)}
    for module in mutated:
        today = (fresh / module).read_bytes()
        if not (folder / module).exists() or today != (folder / module).read_bytes():
            (folder / module).write_bytes(today)

    def ignore(place, names):
        return {name for name in names if Path(place, name).relative_to(fresh) in mutated}

    for target in (folder, folder / "mutants"):
        shutil.copytree(fresh, target, ignore=ignore, dirs_exist_ok=True)
    shutil.rmtree(fresh)


def _forget(folder):
    """Take the memories out of the copy."""
    for package in ("encoding", "credentials"):
        for path in (folder / package).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            bare = re.sub(r"^@lru_cache(\(.*\))?\n", "", text, flags=re.MULTILINE)
            if path.name == "sameness.py":
                bare, count = MEMORY.subn(r"\1pass", bare)
                if not count:
                    raise SystemExit("the memories of credentials/sameness.py have another shape")
            if bare != text:
                path.write_text(bare, encoding="utf-8")


def run_mutmut(group, children, *, again):
    """Within the copy: mutate, and try each mutant. No other copy of the city may be imported."""
    sys.path[:] = [each for each in sys.path if not (Path(each) / "encoding").is_dir()]
    sys.path[:] = [each for each in sys.path if Path(each).resolve() != Path("tests").resolve()]
    from mutmut import __main__ as mutmut_command
    from mutmut import configuration
    from mutmut.mutation.file_mutation import MutationVisitor

    settings = configuration.config()
    settings.only_mutate = list(group.modules)
    settings.also_copy += map(Path, {*BESIDE, *(str(Path(each).parent) for each in READ)})
    settings.pytest_add_cli_args_test_selection = group.find_tests(Path())
    settings.pytest_add_cli_args += ["-k", f"not ({' or '.join(LEFT_OUT)})"]
    _keep_results(settings)
    _run_quick_tests_first()
    _keep_wording(MutationVisitor)
    if again:
        _forget_survivors(Path())
    mutmut_command._run([], children)


def _forget_survivors(folder):
    """Whoever has no result is tried; a busy machine makes timeouts that are none."""
    for meta in (folder / "mutants").rglob("*.py.meta"):
        found = json.loads(meta.read_text(encoding="utf-8"))
        for name in _left(found, results=NOT_KILLED | {"timeout"}):
            found["exit_code_by_key"][name] = None
        meta.write_text(json.dumps(found), encoding="utf-8")


def _left(found, *, results=NOT_KILLED):
    """The mutants of a module that came to one of these results."""
    from mutmut.stats import status_by_exit_code

    codes = found["exit_code_by_key"]
    return [name for name, code in codes.items() if status_by_exit_code[code] in results]


def _keep_results(settings):
    """A test more or less is no reason for mutmut to forget which mutants others have killed."""
    fingerprint = settings.config_fingerprint
    settings.config_fingerprint = lambda: {
        name: value for name, value in fingerprint().items() if not name.startswith("test_")
    }


def _run_quick_tests_first():
    from mutmut.runners.harness import PytestRunner
    from mutmut.state import state

    arguments = PytestRunner._pytest_args_regular_run
    PytestRunner._pytest_args_regular_run = lambda self, tests: arguments(
        self, sorted(tests, key=lambda name: (state().duration_by_test.get(name, 0), name))
    )


def _keep_wording(visitor):
    """Leave the first argument of a refusal as it is."""
    import libcst

    create = visitor._create_mutations
    skip = visitor._skip_node_and_children

    def is_refusal(node):
        name = getattr(getattr(node, "func", None), "value", None)
        return isinstance(node, libcst.Call) and name in REFUSALS and bool(node.args)

    def is_words_only(node):
        function = getattr(node, "func", None)
        name = getattr(getattr(function, "attr", function), "value", None)
        return isinstance(node, libcst.Call) and name in WORDS_ONLY and bool(node.args)

    def skips(self, node):
        if is_refusal(node) or (
            is_words_only(node) and isinstance(node.args[0].value, libcst.SimpleString)
        ):
            self.__dict__.setdefault("wording", set()).add(node.args[0])
        return node in self.__dict__.get("wording", ()) or skip(self, node)

    def creates(self, node):
        before = len(self.mutations)
        create(self, node)
        if is_refusal(node) or is_words_only(node):
            self.mutations[before:] = [
                each
                for each in self.mutations[before:]
                if each.mutated_node.args and each.mutated_node.args[0] is node.args[0]
            ]

    visitor._skip_node_and_children = skips
    visitor._create_mutations = creates


def _modules(folder):
    """Each module, how many mutants it has, and the names of those that are not killed."""
    for meta in sorted((folder / "mutants").rglob("*.py.meta")):
        found = json.loads(meta.read_text(encoding="utf-8"))
        total = len(found["exit_code_by_key"])
        if total:
            yield meta.relative_to(folder / "mutants").with_suffix(""), total, _left(found)


def print_results(folder, group):
    """A line for each module, then what the survivors change."""
    survivors = []
    lines = [
        f"\n## {group}\n",
        "| module | mutants | killed | survived | share |",
        "|---" * 5 + "|",
    ]
    for module, total, left in _modules(folder):
        survivors += left
        killed = total - len(left)
        lines.append(f"| `{module}` | {total} | {killed} | {len(left)} | {killed / total:.0%} |")
    for name in survivors:
        shown = subprocess.run(
            [sys.executable, "-m", "mutmut", "show", name],
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
        )
        changed = [line for line in shown.stdout.splitlines() if re.match(r"[-+](?![-+])", line)]
        lines += ["", name, *changed]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
