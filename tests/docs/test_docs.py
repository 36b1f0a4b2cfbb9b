"""The documentation is held to the program."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

import alerts.metrics
import monitor.metrics
from model.errors import ADVICE, FeedFault
from pledgewatch.cli import main
from pledgewatch.settings import SETTING_NAMES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETTING_NAMES)
def test_every_setting_is_documented(name):
    assert f"`{name}`" in page("settings.md")


def commands(group, path):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, [*path, name])
        else:
            yield " ".join([*path, name])


def test_every_command_is_documented():
    written = set(re.findall(r"^\| `(pledgewatch [a-z ]+)`", page("commands.md"), re.MULTILINE))
    assert written == set(commands(main, ["pledgewatch"]))


def test_every_metric_is_documented():
    assert alerts.metrics is not monitor.metrics  # both are loaded
    ours = {each.name for each in REGISTRY.collect() if each.name.startswith("pledgewatch")}
    assert ours == set(re.findall(r"^\| `(pledgewatch_\w+)`", page("commands.md"), re.MULTILINE))


@pytest.mark.parametrize("fault", FeedFault)
def test_every_fault_of_a_feed_is_documented_with_what_to_do(fault):
    (row,) = re.findall(rf"^\| `{fault}` \| .+? \| (.+) \|$", page("operations.md"), re.MULTILINE)
    assert row == ADVICE[fault]


def test_the_reading_order_names_what_is_there():
    rows = re.findall(
        r"^\d+\. `([\w/]+\.py)(?:: ([\w., `]+))?` ", page("architecture.md"), re.MULTILINE
    )
    assert len(rows) == 10
    for file, names in rows:
        assert (ROOT / file).is_file(), file
        if not names or file.startswith("tests/"):
            continue
        module = import_module(file.removesuffix(".py").replace("/", "."))
        for name in re.split(r"[`, ]+", names):
            place = module
            for part in name.split("."):
                assert hasattr(place, part), f"{file}: {name}"
                place = getattr(place, part)


@pytest.mark.parametrize(
    "path", sorted([*DOCS.glob("*.md"), ROOT / "README.md"]), ids=lambda p: p.name
)
def test_every_link_of_a_page_leads_somewhere(path):
    for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if not link.startswith(("http", "mailto:")):
            assert (path.parent / link).exists(), link


def test_every_page_is_in_the_index():
    index = page("index.md")
    for path in DOCS.glob("*.md"):
        assert path.name == "index.md" or f"]({path.name})" in index, path.name
