"""auth.*, team.* and users.*: who the app is, and who the people are."""

import zlib

from bot.sandbox.config import SandboxWorkspace, WorkspaceMember
from bot.sandbox.refusals import SlackRefusal
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.call import Call
from bot.sandbox.slack_api.conversation_methods import KINDS, for_answer, kind_of

STOCKHOLM = {"tz": "Europe/Stockholm", "tz_label": "Central European Time", "tz_offset": 3600}
COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c", "5b89d5", "2b6836")


def auth_test(call: Call) -> Json:
    team = call.team
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": call.box.world.people[team.bot_user].name,
        "team_id": team.id,
        "user_id": team.bot_user,
        "bot_id": team.bot_id,
        **({"enterprise_id": team.enterprise["id"]} if team.enterprise else {}),
        "is_enterprise_install": team.enterprise is not None,
    }


def team_info(call: Call) -> Json:
    asked = call.args.word("team") or call.team.id
    if asked != call.team.id:
        raise SlackRefusal("team_not_found")
    icons = {f"image_{size}": f"https://example.org/team-{size}.png" for size in (34, 44, 68, 88, 102, 132)}
    team = {"id": call.team.id, "name": call.team.name, "domain": call.team.domain, "email_domain": ""}
    return {"team": {**team, "icon": {**icons, "image_default": True}}}


def users_info(call: Call) -> Json:
    return {"user": _user(call, call.person("user", "user_not_found"), locale=call.args.flag("include_locale"))}


def users_lookup_by_email(call: Call) -> Json:
    email = (call.args.word("email") or "").lower()
    for person in call.team.users:
        if person.email and person.email.lower() == email and not person.deleted:
            return {"user": _user(call, person)}
    raise SlackRefusal("users_not_found")


def users_list(call: Call) -> Json:
    world = call.box.world
    everybody = [world.people[user] for user, home in world.home_team.items() if home == call.team.id]
    people, cursor = call.page(everybody, 1000)
    locale = call.args.flag("include_locale")
    return {
        "members": [_user(call, person, locale=locale) for person in people],
        "cache_ts": int(call.box.now()),
        "response_metadata": {"next_cursor": cursor},
    }


def users_conversations(call: Call) -> Json:
    """Return the conversations of the app, or those of a person that the app can see."""
    kinds = (call.args.word("types") or "public_channel").replace(" ", "").split(",")
    if not KINDS.keys() >= set(kinds):
        raise SlackRefusal("invalid_types")
    for kind in kinds:
        call.need(KINDS[kind])
    user = call.args.word("user") or call.team.bot_user
    visible = [one for one in call.box.world.of_team(call.team.id) if kind_of(one) in kinds and one.opened]
    mine = [one for one in visible if (one.bot if user == call.team.bot_user else user in one.members)]
    mine = [one for one in mine if one.bot or not one.private]
    if call.args.flag("exclude_archived"):
        mine = [one for one in mine if not one.archived]
    page, cursor = call.page(mine, 999)
    return {
        "channels": [for_answer(call, one) for one in page],
        "response_metadata": {"next_cursor": cursor},
    }


def color(user: str) -> str:
    return COLORS[zlib.crc32(user.encode()) % len(COLORS)]


def _user(call: Call, person: WorkspaceMember, *, locale: bool = False) -> Json:
    team = call.box.world.home_team[person.id]
    home = call.box.world.teams[team]
    shown: Json = {"id": person.id, "team_id": home.home_of(person.id), "name": person.name, "deleted": person.deleted}
    shown |= {"profile": _profile(call, person, team), "is_bot": person.is_bot, "updated": 1_700_000_000}
    if person.deleted:
        return shown
    shown |= {"color": color(person.id), "real_name": person.real_name, **STOCKHOLM}
    shown |= dict.fromkeys(("is_admin", "is_owner", "is_primary_owner", "is_app_user"), False)
    shown |= {"is_restricted": person.is_restricted, "is_ultra_restricted": person.is_ultra_restricted}
    shown |= {"is_email_confirmed": True, "who_can_share_contact_card": "EVERYONE"}
    if home.enterprise:
        shown["enterprise_user"] = _enterprise_user(home, person)
    return (
        shown | ({"locale": person.locale} if locale else {}) | ({"is_stranger": True} if team != call.team.id else {})
    )


def _enterprise_user(home: SandboxWorkspace, person: WorkspaceMember) -> Json:
    """Describe somebody as of an Enterprise organisation, which knows each person once."""
    organisation = {"enterprise_id": home.id, "enterprise_name": home.name, "teams": [home.home_of(person.id)]}
    rights = dict.fromkeys(("is_primary_owner", "is_admin", "is_owner"), False)
    return {"id": person.id, **organisation, **rights}


def _profile(call: Call, person: WorkspaceMember, team: str) -> Json:
    title = person.title if isinstance(person.title, str) else person.title["sv"]
    profile: Json = {"title": title, "phone": "", "skype": "", "team": team, "avatar_hash": "sandbox"}
    for name in ("real_name", "real_name_normalized"):
        profile[name] = person.real_name
    for name in ("display_name", "display_name_normalized"):
        profile[name] = person.name
    profile |= {"status_text": "", "status_emoji": "", "status_expiration": 0}
    profile |= {f"image_{size}": f"https://example.org/{person.id}-{size}.png" for size in (24, 32, 48, 72, 192, 512)}
    # An address is shown only to an app with the scope for it, and only for its own workspace.
    if person.email and team == call.team.id and "users:read.email" in call.scopes:
        profile["email"] = person.email
    if person.is_bot:
        profile |= {"bot_id": call.team.bot_id, "api_app_id": call.box.config.app_id}
    return profile
