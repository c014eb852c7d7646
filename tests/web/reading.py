"""Reads a page as a browser without scripts would: what stands in it, and what its form would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Read:
    """A page: its fields with values, its buttons, links, and the errors told at fields and above them."""

    title: str = ""
    heading: str = ""
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    invalid: list[str] = field(default_factory=list)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: Read) -> None:
        super().__init__()
        self.page, self.stack, self.select, self.area = page, [], "", ""
        self.link: str | None = None

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self._see(given)
        began = getattr(self, f"_{tag}", None)
        if began is not None:
            began(given)
        if tag not in {"input", "meta", "link", "br"}:
            self.stack.append(tag)

    def _see(self, given):
        self.page.ids[given["id"]] = given["name"]
        self.page.attributes[given["name"]] = given
        if "aria-invalid" in given:
            self.page.invalid.append(given["name"])

    def _input(self, given):
        if given.get("type") != "checkbox" or "checked" in given:
            self.page.fields[given["name"]] = given.get("value", "")

    def _select(self, given):
        self.select = given["name"]

    def _option(self, given):
        if "selected" in given or self.select not in self.page.fields:
            self.page.fields[self.select] = given["value"]

    def _textarea(self, given):
        self.area, self.page.fields[given["name"]] = given["name"], ""

    def _button(self, given):
        self.page.buttons.append((given.get("name", ""), given.get("value", "")))

    def _a(self, given):
        self.link = given["href"]

    def handle_endtag(self, tag):
        if tag in self.stack:
            while self.stack.pop() != tag:
                pass
        self.area = "" if tag == "textarea" else self.area
        self.link = None if tag == "a" else self.link

    def handle_data(self, data):
        self.page.text += data
        if self.area:
            self.page.fields[self.area] += data
        if "title" in self.stack:
            self.page.title += data
        if "h1" in self.stack:
            self.page.heading += data
        if self.link and data.strip():
            self.page.links[data.strip()] = self.link


def read(html: str) -> Read:
    """A page that was answered with."""
    page = Read()
    _Reader(page).feed(html)
    # HTML does not count a line's end right after a textarea's beginning.
    page.fields = {name: value.removeprefix("\n") for name, value in page.fields.items()}
    page.text = " ".join(page.text.split())
    return page
