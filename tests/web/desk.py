"""Somebody at work on the pages: reads what stands there, follows links and sends forms, without scripts."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

VOID = {"input", "meta", "link", "br", "hr", "img"}


@dataclass
class PageForm:
    """A form of a page: where it goes, what it would send, and its buttons by what they say."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.links, self.forms, self.heading = "", {}, [], ""
        self.stack, self.form, self.select, self.area, self.option = [], None, "", "", ""
        self.link = self.button = None
        self.said = ""
        # Buttons of the form called "form" that stand outside it, with where they send it to.
        self.beside, self.sends_to = {}, ""

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "form":
            self.form = PageForm(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self.form)
        elif tag == "a":
            self.link, self.said = given["href"], ""
        elif tag == "button" and self.form is not None:
            self.button, self.said = (given.get("name", ""), given.get("value", "")), ""
        elif tag == "button" and "formaction" in given:
            self.button, self.said, self.sends_to = (given["name"], given["value"]), "", given["formaction"]
        elif self.form is not None:
            self._field(tag, given)

    def _field(self, tag, given):
        if tag == "input":
            if given.get("type") == "checkbox":
                self.form.choices[given["name"]] = {"": given["value"]}
                if "checked" not in given:
                    return
            self.form.fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self.select = given["name"]
            self.form.choices[self.select] = {}
        elif tag == "option":
            self.option, self.said = given["value"], ""
            if "selected" in given or self.select not in self.form.fields:
                self.form.fields[self.select] = given["value"]
        elif tag == "textarea":
            self.area, self.form.fields[given["name"]] = given["name"], ""

    def handle_endtag(self, tag):
        said = " ".join(self.said.split())
        if tag == "a" and self.link is not None:
            self.links.setdefault(said, self.link)
            self.link = None
        elif tag == "button" and self.button is not None:
            self._button(said, *self.button)
        elif tag == "option":
            self.form.choices[self.select][said] = self.option
        elif tag == "textarea":
            self.area = ""
        elif tag == "form":
            self.form = None
        if tag in self.stack:
            while self.stack.pop() != tag:
                pass

    def _button(self, said, name, value):
        if self.form is None:
            self.beside[said] = (self.sends_to, {name: value})
        else:
            self.form.buttons.setdefault(said, (name, value))
        self.button = None

    def handle_data(self, data):
        self.text += data
        self.said += data
        if self.area:
            self.form.fields[self.area] += data
        if "h1" in self.stack:
            self.heading += data


@dataclass
class Desk:
    """One person's browser. `page` is what it shows, `status` what that was answered with."""

    browser: httpx.AsyncClient
    form_token: str = ""
    page: _Page = field(default_factory=_Page)
    status: int = 0
    address: str = ""
    html: str = ""

    async def open(self, address: str = "/arbete") -> "Desk":
        return await self._shown(await self.browser.get(address))

    async def follow(self, link: str) -> "Desk":
        """Follow the first link that says this."""
        return await self.open(self.page.links[link])

    async def press(self, button: str, **typed: str) -> "Desk":
        """Fill in the form that has the button, by the names of its fields, and press it."""
        form = next((each for each in self.page.forms if button in each.buttons), None)
        assert form is not None, (button, [list(each.buttons) for each in self.page.forms], self.text)
        name, value = form.buttons[button]
        fields = {key: said.removeprefix("\n") for key, said in form.fields.items()} | typed
        fields |= {name: value} if name else {}
        if form.method == "get":
            return await self._shown(await self.browser.get(form.action, params=fields))
        # A form that names no place goes to where it stands.
        return await self._shown(await self.browser.post(urljoin(self.address, form.action), data=fields))

    async def send(self, **typed: str) -> "Desk":
        """Fill in the form that is open, and send it."""
        return await self.press(self._button(lambda said, value: value == "send" and said), **typed)

    async def speak(self, language: str, **typed: str) -> "Desk":
        """Fill in the form that is open, and choose a language above it."""
        action, fields = self.page.beside[language]
        form = next(each for each in self.page.forms if "_drawn_by" in each.fields)
        return await self._shown(await self.browser.post(action, data=form.fields | typed | fields))

    async def update(self, **typed: str) -> "Desk":
        """Choose what the rest of the form hangs on, and let it be drawn anew."""
        return await self.press(self._button(lambda _, value: value.startswith("act kp.offers")), **typed)

    def _button(self, is_it) -> str:
        buttons = (each for form in self.page.forms for each in form.buttons.items())
        return next(said for said, (_, value) in buttons if is_it(said, value))

    async def _shown(self, answer: httpx.Response) -> "Desk":
        self.posted = answer.status_code
        while answer.is_redirect:
            answer = await self.browser.get(urljoin(str(answer.url), answer.headers["location"]))
        self.page, self.status, self.address, self.html = _Page(), answer.status_code, str(answer.url), answer.text
        self.page.feed(answer.text)
        return self

    @property
    def text(self) -> str:
        return " ".join(self.page.text.split())

    def name_of(self, start: str) -> str:
        """The name of the field that begins so: some say in their names what they are about."""
        return next(
            name
            for form in self.page.forms
            for name in (*form.fields, *form.choices)
            if name.partition(".")[0] == start
        )

    def choices(self, field: str) -> dict[str, str]:
        """What there is to choose from."""
        return next(form.choices[field] for form in self.page.forms if field in form.choices)

    def saying(self, start: str) -> str:
        """The first button that begins so."""
        return self._button(lambda said, _: said.startswith(start))

    def choice(self, field: str, text: str) -> str:
        """The value of the choice that says this."""
        options = next(form.choices[field] for form in self.page.forms if field in form.choices)
        return next(value for said, value in options.items() if text in said)
