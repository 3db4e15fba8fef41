"""A policy as a YAML file: written out whole, and read with care (K13).

A file is what somebody sends: its size is bounded before it is read, aliases are refused because a few lines
of them say a million, and only plain data is known. Dates stay the words they are.
"""

from __future__ import annotations

from typing import Any

import yaml

from accounts.models import Company
from escalations.domain.policy_parts import without_marks
from escalations.domain.policy_shape import wrong_shape
from escalations.models import PolicyVersion

MOST_BYTES = 1_000_000
_DEEPEST, _MOST_NODES = 30, 100_000
_FIRST = ("types", "every_type", "wait_reasons", "limits", "reopen", "warn_before", "ladder", "which_ticket")


class Unreadable(ValueError):
    """A file that cannot become a policy; ``sentences`` say what is wrong and where."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(sentences[0])
        self.sentences = list(sentences)


class _Reader(yaml.SafeLoader):
    """Plain data without aliases, of bounded depth and size; a name may stand once."""

    level = nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            self._refuse("an alias (*) is used; write out what it stands for")
        self.level += 1
        self.nodes += 1
        if self.level > _DEEPEST or self.nodes > _MOST_NODES:
            self._refuse("this is nested too deeply, or is more than a policy can be")
        found = super().compose_node(parent, index)
        self.level -= 1
        return found

    def _refuse(self, words: str) -> None:
        raise Unreadable(f"Line {self.peek_event().start_mark.line + 1}: {words}.")

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for name, _ in node.value:
            if not isinstance(name, yaml.ScalarNode) or name.value in seen:
                raise Unreadable(
                    f"Line {name.start_mark.line + 1}: “{str(name.value)[:40]}” stands twice, or is no name."
                )
            seen.add(name.value)
        return super().construct_mapping(node, deep)


_PLAIN = {letter: [(tag, rule) for tag, rule in rules if "timestamp" not in tag and "merge" not in tag]
          for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}  # fmt: skip
_Reader.yaml_implicit_resolvers = _PLAIN


def read_file(raw: bytes) -> dict[str, Any]:
    """The policy of a file; :class:`Unreadable` with every sentence about it."""
    if len(raw) > MOST_BYTES:
        raise Unreadable("The file is larger than 1 MB. A whole policy is about a tenth of that.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is no text in UTF-8. Save it as UTF-8 and choose it again.") from None
    try:
        data = yaml.load(text, Loader=_Reader)  # noqa: S506  it knows plain data only
    except yaml.YAMLError as wrong:
        raise Unreadable(_said(wrong)) from None
    except (ValueError, RecursionError, OverflowError) as wrong:
        if isinstance(wrong, Unreadable):
            raise
        raise Unreadable(
            "A value in the file cannot be read. Write numbers plainly and words in quotes."
        ) from None
    found = wrong_shape(data)
    if found:
        raise Unreadable(*found)
    whole: dict[str, Any] = data
    return whole


def _said(wrong: yaml.YAMLError) -> str:
    mark = getattr(wrong, "problem_mark", None)
    where = f"Line {mark.line + 1}: " if mark else ""
    return f"{where}this is no YAML that can be read. Look at the indentation and the quotation marks."


def write_file(company: Company, version: PolicyVersion) -> str:
    """A version as a file: what it says, without who changed what in it."""
    plain = without_marks(version.data)
    ordered = {key: plain[key] for key in (*_FIRST, *sorted(plain)) if key in plain}
    head = f"# The escalation rules of {_line(company.name)}, version {version.number}.\n\n"
    return head + yaml.dump(
        ordered,
        Dumper=_Writer,
        sort_keys=False,
        allow_unicode=True,
        width=110,
        default_flow_style=False,
    )


class _Writer(yaml.SafeDumper):
    """What is said twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _line(words: str) -> str:
    return " ".join(words.split())


def file_name(company: Company, number: int) -> str:
    """What the file is called."""
    return f"escalation-rules-{company.key}-{number}.yaml"
