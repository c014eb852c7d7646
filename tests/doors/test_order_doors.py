"""The doors for orders in Slack, each with the few ports that it uses and nothing behind them."""

from dataclasses import replace

import pytest

from bot.acts.menu_searches import OrderSearches
from bot.acts.orders.decisions import AskedForms, CaseDecisions, KeepingAll
from bot.acts.orders.forms import OrderForms, OrderPlacing, OrdersAgain, OrderSubmissions
from bot.acts.orders.reading import ApplicationFileLinks, CaseScreens, Reading
from bot.acts.orders.revisions import Revisions
from bot.acts.outcomes import Counted, Opening, Unchanged
from bot.acts.refusals import ButtonIsGone, OtherEnvironment
from bot.forms.order_menus import NothingToOrder, OrderMenus
from bot.forms.orders import order_fields
from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ApproveModal
from bot.forms.orders.modals import by_name
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.order_sum import sum_mark
from bot.forms.orders.reasons import RejectModal
from bot.forms.revision_menus import RevisionMenus
from bot.server.background import RefusalNotes
from bot.slack.listeners.options import MenuOptions
from bot.slack.listeners.presses import Modals, PressAnswers, Presses
from bot.slack.press import opened
from bot.slack.replies import NothingShown
from bot.views.notices import HelpModal
from bot.views.orders.details import DetailsModal, FileLinkModal
from core.api import (
    Action,
    Asking,
    CaseId,
    CaseNotFound,
    ConnectionWay,
    EarlierConnection,
    Flow,
    ListedCase,
    NoRole,
    NotLinked,
    OfferId,
    Part,
    PlaceOrder,
    Side,
    State,
    Surface,
    find,
)
from core.shared.errors import OrderMovedOn
from notifications.render.button_values import Pointer
from tests.doors.standing import (
    ANNA,
    BO,
    BY,
    CASE,
    CLOCK,
    CONTEXT,
    ENVIRONMENT,
    HERE,
    POINTER,
    REGION,
    Standing,
    form,
    people,
    pressed,
    queries,
)
from tests.fakes.doors import Ack, FakeAfterCommit, FakePort, asked_of
from tests.support.drawn.drawings import nodes
from tests.support.drawn.views import a_page
from tests.support.world import builders

WISH = f"{POINTER.value()}\n{Action.REJECT}\n\n"


def press_of(action, **where):
    """A press on a button of the flows table, as Slack tells of it."""
    element = {"type": "button", "action_id": f"kp.{action}", "block_id": "1", "value": POINTER.value()}
    return {"type": "block_actions", "trigger_id": "1", "actions": [element], "container": {"type": "message"}, **where}


# --- the order form


async def test_the_order_form_opens_for_whoever_may_order():
    stage, press = Standing(), pressed("kp.new_order")
    forms = OrderForms(ENVIRONMENT, people("orderer"), OrderMenus(queries("orderer", offers_for=[]), CLOCK))

    stage.begin(press, await forms.on_new(press))

    assert await stage.sees() == [("open", OrderModal.CALLBACK)]


async def test_whoever_orders_nowhere_is_told_so_and_sees_no_form():
    forms = OrderForms(ENVIRONMENT, people("attestant"), OrderMenus(queries("attestant"), CLOCK))

    with pytest.raises(NothingToOrder):
        await forms.on_new(pressed("kp.new_order"))


async def test_a_choice_outside_the_form_is_of_a_button_that_is_gone():
    forms = OrderForms(ENVIRONMENT, people(), OrderMenus(queries(), CLOCK))

    with pytest.raises(ButtonIsGone):
        await forms.on_choice(pressed(OrderModal.OFFERS))


HELD = [EarlierConnection(ConnectionWay(OfferId(code)), {}, ("Norr",)) for code in ("npo-a", "npo-b")]


def typing(*roles, **more):
    """The form of somebody who types in it."""
    offers = [builders.offer_choice()]
    read = queries(*roles, offers_for=offers, invoice_reference="", has_service=False, **more)
    return OrderForms(ENVIRONMENT, people(*roles), OrderMenus(read, CLOCK))


async def types(stage, forms, view):
    """Somebody has typed a character."""
    press = pressed(order_fields.UNITS_TYPED, view=view)
    stage.begin(press, await forms.on_typed(press))


def typed(units, view_hash="h0", mark="", **more):
    """The open form with what is typed about units, as Slack tells of it at each character."""
    choice = {f"offer.{REGION}": "npo-producent", "units": units, **more}
    return form(OrderModal.CALLBACK, f"{POINTER.value()}\n{mark}", **choice) | {"hash": view_hash}


def of_units(shown):
    """What was said of the sum in each drawing."""
    return [node["text"] for _, _, view in shown for node in nodes(view) if "umma" in str(node.get("text"))]


async def test_what_is_typed_in_a_form_that_is_gone_is_answered():
    with pytest.raises(ButtonIsGone):
        await typing("orderer").on_typed(pressed(order_fields.UNITS_TYPED))


async def test_a_further_unit_draws_the_sum_anew_and_keeps_what_is_ticked_and_typed():
    stage = Standing()
    view = typed("Norr\nS", invoice_ref="REF", terms_accepted="yes", existing="replace")

    await types(stage, typing("orderer", earlier_connections=HELD, names=({}, {})), view)

    assert await stage.sees() == [("update", OrderModal.CALLBACK)]
    ((_, _, drawn),) = stage.screens.shown
    fields = {block["block_id"]: block["element"] for block in drawn["blocks"] if block["type"] == "input"}
    assert fields["units"]["initial_value"] == "Norr\nS"
    assert fields["invoice_ref"]["initial_value"] == "REF"
    assert fields["terms_accepted"]["initial_options"]
    assert fields["existing"]["initial_option"]["value"] == "replace"
    assert "2 vårdenheter" in of_units(stage.screens.shown)[0]
    mark = sum_mark(("Norr\nS",))
    assert drawn["private_metadata"] == f"{Pointer(ENVIRONMENT, case=CASE).value()}\n{mark}"


async def test_a_character_that_makes_no_difference_to_the_sum_reads_and_draws_nothing():
    forms, view = typing("orderer"), typed("Norra", mark=sum_mark(("Norr",)))

    assert await forms.on_typed(pressed(order_fields.UNITS_TYPED, view=view)) == Unchanged()
    assert asked_of(forms.menus.queries) == []


async def test_characters_typed_faster_than_the_form_is_drawn_end_in_the_sum_of_the_last():
    stage = Standing()
    forms = typing("orderer")

    for units in ("N", "N\nS", "N\nS\nV"):
        await types(stage, forms, typed(units))
    await stage.tasks.drain(60)
    await types(stage, forms, typed("N\nS", "h2"))
    await stage.tasks.drain(60)

    said = of_units(stage.screens.shown)
    assert [told.split(" ")[2] for told in said] == ["1", "2", "3", "2"]


async def test_a_form_that_another_choice_has_replaced_is_not_drawn_over():
    stage = Standing()
    stage.screens.hashes["V1"] = "of another offer"

    await types(stage, typing("orderer"), typed("N"))

    assert await stage.sees() == []


async def test_whoever_may_order_no_more_is_not_told_so_at_each_character(caplog):
    stage = Standing()

    await types(stage, typing("attestant"), typed("N"))

    assert await stage.sees() == []
    assert [record.levelname for record in caplog.records if record.levelname == "ERROR"] == []


async def test_nobody_orders_the_same_again_of_what_somebody_else_has_ordered():
    now = builders.situation(builders.case_in(State.REJECTED), builders.ATTESTANT)
    orders = FakePort(look=now)
    again = OrdersAgain(orders, queries("orderer"), CLOCK, OrderForms(ENVIRONMENT, people(), None))

    with pytest.raises(CaseNotFound):
        await again.on_again(pressed("kp.order_again"))


async def test_a_form_that_lacks_something_is_answered_at_its_fields_and_places_nothing():
    placing, ack, view = FakePort(place=None), Ack(), form(OrderModal.CALLBACK)
    submissions = OrderSubmissions(people("orderer"), placing, FakeAfterCommit())

    await Standing().answer(ack, view, await submissions.on_submit(opened(view), BY))

    assert ack.said["response_action"] == "errors"
    assert placing.asked == []


async def test_an_order_that_is_refused_is_told_to_history_and_wakes_nobody():
    stage, refusals, woken = Standing(), FakePort(refused=None), []
    notes = RefusalNotes(refusals, stage.tasks, CLOCK)
    placing = OrderPlacing(
        FakePort(place=NoRole(part=Part.ORDERER, organisation=REGION)), notes, lambda: woken.append(1)
    )

    with pytest.raises(NoRole):
        await placing.place(PlaceOrder(Asking(ANNA), REGION, "siths", (), "REF", True, "key", Surface.SLACK))
    await stage.tasks.drain(60)

    ((_, noted),) = refusals.asked
    assert (noted.code, noted.by, woken) == ("no_role", Asking(ANNA), [])


async def test_a_form_of_an_organisation_without_offers_offers_none():
    menus = OrderMenus(queries("orderer", offers_for=[], agents_for=[]), CLOCK)

    assert await menus.offer(Asking(ANNA), REGION, "siths") is None


# --- the answer that changes an order


async def test_a_change_is_filled_in_with_the_order_as_it_stands():
    case = builders.case_in(State.COMPLETION_REQUESTED)
    menus = OrderMenus(queries(offers_for=[], agents_for=[]), CLOCK)
    form_, wanted = await RevisionMenus(menus, CLOCK).as_it_stands(Asking(ANNA), case)

    assert (form_.invoice_ref, wanted.flow) == (case.order.invoice_ref, case.flow)


async def test_a_change_may_leave_the_order_with_an_agent_that_nobody_would_be_offered_now():
    case = builders.case_in(State.COMPLETION_REQUESTED, Flow.VIA_AGENT)
    read = queries(offers_for=[], agents_for=[("O-OTHER", "En annan")], names=({}, {case.agent: "Journalia AB"}))

    form_, _ = await RevisionMenus(OrderMenus(read, CLOCK), CLOCK).as_it_stands(Asking(ANNA), case)

    assert form_.agent == (case.agent, "Journalia AB")
    assert form_.agents == [(case.agent, "Journalia AB"), ("O-OTHER", "En annan")]


async def test_a_change_that_belongs_to_no_question_is_of_a_button_that_is_gone():
    with pytest.raises(ButtonIsGone):
        await Revisions(FakePort(), FakePort(), None).on_change(pressed("kp.change", view=form("kp.answer")))


# --- presses and modals


def presses(after, decisions=None, own=()):
    """The listener of presses, where nothing is known of any message."""
    screens = CaseScreens(FakePort(), queries(), CLOCK, HERE)
    return Presses(
        dict(own), decisions, after, PressAnswers(people(), Reading(people(), screens, ""), Standing().replies, None)
    )


KEPT = (CASE, CaseId("B-2345679"), CaseId("B-234567B"))


def asked_to_keep(case):
    """An order as it stands on the list of whoever ordered it, and is asked whether to keep it."""
    made = builders.unanswered(builders.case_in(State.AWAITING_CUSTOMER_ATTEST))
    return ListedCase(builders.disclosed(builders.dossier(replace(made, id=case)), Side.CUSTOMER), Part.ORDERER)


async def keep_all(rows, act, **known):
    """Anna presses the button: what was asked of the orders, what followed, what she is answered."""
    after, ack, orders, stage = FakeAfterCommit(), Ack(), FakePort(act=act), Standing()
    keeping = KeepingAll(orders, people(**known), FakePort(page=a_page(rows)), after)
    listener = presses(after, own=keeping.changes())
    listener = replace(listener, answers=replace(listener.answers, replies=stage.replies))
    await listener.on_press(ack, press_of("keep_all"), CONTEXT)
    await stage.sees()
    kept = [case for how, case in after.told if how == "counted"]
    return [(each.case, each.action, each.by) for _, each in orders.asked], kept, str(stage.screens.shown)


async def test_one_press_keeps_each_order_once_and_says_so():
    asked, kept, sees = await keep_all([asked_to_keep(case) for case in KEPT], lambda command: command.case)

    assert asked == [(case, Action.KEEP, BY.account) for case in KEPT]
    assert kept == [*KEPT]
    assert "Du har behållit 3 beställningar." in sees


async def test_an_order_that_has_moved_on_is_told_of_and_the_others_are_kept():
    def act(command):
        if command.case == KEPT[0]:
            raise OrderMovedOn(case=command.case)
        return command.case

    asked, kept, sees = await keep_all([asked_to_keep(case) for case in KEPT], act)

    assert [case for case, *_ in asked] == [*KEPT]
    assert kept == [*KEPT[1:]]
    assert "Du har behållit 2 beställningar." in sees
    assert "1 beställning gick inte att behålla." in sees


async def test_a_stale_button_keeps_nothing_that_is_not_asked_about_any_more():
    waits = builders.dossier(builders.case_in(State.AWAITING_CUSTOMER_ATTEST))
    rows = [
        ListedCase(builders.disclosed(waits, Side.CUSTOMER), Part.ORDERER),
        replace(asked_to_keep(CASE), part=Part.CUSTOMER_ATTESTANT),
    ]

    asked, kept, sees = await keep_all(rows, None)

    assert (asked, kept) == ([], [])
    assert "Du har inga beställningar att behålla" in sees


async def test_somebody_whom_nobody_knows_keeps_nothing():
    with pytest.raises(NotLinked):
        await keep_all([asked_to_keep(CASE)], None, person_of=None)


async def test_a_press_that_asks_for_nothing_counts_and_is_acknowledged():
    after, ack, orders = FakeAfterCommit(), Ack(), FakePort(act="done")
    decisions = CaseDecisions(orders, people(), None, after)

    await presses(after, decisions).on_press(ack, press_of(Action.CLAIM), CONTEXT)

    ((_, command),) = orders.asked
    assert (command.case, command.action, command.by) == (CASE, Action.CLAIM, BY.account)
    assert (after.told, ack.said) == ([("counted", "done")], {})


async def test_a_press_that_is_refused_is_not_acknowledged_as_counted():
    after, ack = FakeAfterCommit(), Ack()
    decisions = CaseDecisions(FakePort(act=CaseNotFound(case=CASE)), people(), None, after)

    with pytest.raises(CaseNotFound):
        await presses(after, decisions).on_press(ack, press_of(Action.CLAIM), CONTEXT)

    assert (after.told, ack.said) == ([], None)


async def test_a_press_counts_where_nothing_can_be_shown_and_is_answered_in_some_way():
    stage = Standing()
    stage.screens.refused.add("xoxb-1")

    stage.begin(pressed("kp.claim"), Counted(Action.CLAIM))

    assert [how for how, _ in await stage.sees()] == ["open"]


async def test_an_own_button_that_was_on_a_card_lets_its_message_be_looked_at():
    after, ack, done = FakeAfterCommit(), Ack(), []

    async def own(press):
        done.append(press.action_id)
        return Unchanged()

    await presses(after, own={"kp.details": own}).on_press(ack, press_of("details"), CONTEXT)

    assert (done, after.told, ack.said) == (["kp.details"], [("noticed", CASE)], {})


async def test_a_modal_opens_for_what_the_row_asks_with_the_case_as_it_stands():
    stage, case = Standing(), builders.case_in(State.AWAITING_CUSTOMER_ATTEST)
    row, *_ = find(case.flow, case.state, Action.REJECT)
    press, orders = pressed("kp.reject"), FakePort(consider=(builders.situation(case), row))
    forms = AskedForms(queries(views={CASE: builders.view(case)}))

    stage.begin(press, await CaseDecisions(orders, people(), forms, FakeAfterCommit()).on_press(press))

    assert await stage.sees() == [("open", RejectModal.CALLBACK)]


async def test_no_modal_is_promised_where_nothing_can_be_shown():
    stage, press = Standing(), pressed("kp.reject")
    stage.screens.refused.add("xoxb-1")

    with pytest.raises(NothingShown):
        stage.begin(press, Opening(None))


async def test_a_submission_that_lacks_what_is_asked_decides_nothing():
    orders, ack, view = FakePort(act=None), Ack(), form(RejectModal.CALLBACK, WISH)
    decisions = CaseDecisions(orders, people(), None, FakeAfterCommit())

    await Standing().answer(ack, view, await decisions.on_submit(opened(view), BY))

    assert (ack.said["response_action"], orders.asked) == ("errors", [])


async def test_a_submission_is_a_press_with_answers_and_closes_its_modal():
    orders, after, ack = FakePort(act="done"), FakeAfterCommit(), Ack()
    decisions = CaseDecisions(orders, people(), None, after)
    sent = form(RejectModal.CALLBACK, WISH, reason_code="wrong_unit", reason="Fel enhet")

    await Standing().answer(ack, sent, await decisions.on_submit(opened(sent), BY))

    assert (asked_of(orders), after.told, ack.said) == (["act"], [("counted", "done")], {"response_action": "clear"})


@pytest.mark.parametrize("metadata", ["", "other|C1|B-7GKX2QP|1|1\nreject\n\n"])
async def test_a_modal_of_another_deployment_reaches_nobody(metadata):
    with pytest.raises(OtherEnvironment):
        await Modals(ENVIRONMENT, {}, None, None).on_submit(Ack(), {"view": form("kp.reject", metadata)}, CONTEXT)


# --- reading


async def test_how_it_works_is_said_to_somebody_who_is_nobody_here():
    stage, press = Standing(), pressed("kp.help")

    stage.begin(press, await Reading(people(person_of=None), None, "https://portal.example.org").on_help(press))

    assert await stage.sees() == [("open", HelpModal.CALLBACK)]


async def test_a_case_is_drawn_for_nobody_without_a_part_in_it():
    stranger = builders.situation(builders.case_in(State.AWAITING_CUSTOMER_ATTEST), BO, grants=())
    orders = FakePort(look=stranger)

    with pytest.raises(CaseNotFound):
        await CaseScreens(orders, queries(), CLOCK, HERE).drawn(BY, CASE, 0)


async def test_the_file_of_an_application_is_fetched_by_a_link_of_ones_own():
    stage, files, press = Standing(), FakePort(make_link=("token", CLOCK())), pressed("kp.file")

    stage.begin(press, await ApplicationFileLinks(people(), files, HERE).on_fetch(press))

    assert await stage.sees() == [("open", FileLinkModal.CALLBACK)]
    ((_, reader, case),) = files.asked
    assert (reader.id, case) == (ANNA, CASE)


async def test_a_button_for_a_file_that_is_about_no_case_is_gone():
    with pytest.raises(ButtonIsGone):
        await ApplicationFileLinks(people(), FakePort(), HERE).on_fetch(pressed("kp.file", pointer=None))


async def test_a_page_of_history_is_asked_for_in_the_open_modal_alone():
    with pytest.raises(ButtonIsGone):
        await Reading(people(), None, "").on_page(pressed("kp.history.older", "1"))


@pytest.mark.parametrize(("callback", "metadata"), [(HelpModal.CALLBACK, POINTER.value()), (DetailsModal.CALLBACK, "")])
async def test_where_no_order_is_open_none_is_drawn_anew(callback, metadata):
    assert await Reading(people(), None, "").anew(BY, opened(form(callback, metadata))) is None


# --- menus


async def test_people_are_offered_by_name():
    assert await by_name(queries(), [BO, ANNA, "nobody"]) == [(ANNA, "Anna Berg"), (BO, "Bo Ek")]


async def test_no_offer_is_searched_for_before_an_organisation_is_chosen():
    searches = OrderSearches(FakePort(), FakePort(), CLOCK).searches()
    body = {"action_id": OrderModal.OFFERS, "block_id": "offer", "view": form(OrderModal.CALLBACK, POINTER.value())}
    ack = Ack()

    await MenuOptions(ENVIRONMENT, people(), searches).on_search(ack, body, CONTEXT)

    assert ack.said == {"options": []}


@pytest.mark.parametrize("menu", [ApproveModal.ATTESTANTS, ColleagueModal.COLLEAGUES])
async def test_people_are_searched_for_by_whoever_may_do_what_asks_for_one_of_them_alone(menu):
    case = builders.case_in(State.AWAITING_CUSTOMER_ATTEST)
    row, *_ = find(case.flow, case.state, Action.REJECT)
    searches = OrderSearches(FakePort(consider=(builders.situation(case), row)), FakePort(), CLOCK).searches()
    body = {"action_id": menu, "block_id": "people", "view": form(RejectModal.CALLBACK, WISH)}

    with pytest.raises(ButtonIsGone):
        await MenuOptions(ENVIRONMENT, people(), searches).on_search(Ack(), body, CONTEXT)


async def test_a_menu_that_nobody_knows_any_more_is_gone():
    with pytest.raises(ButtonIsGone):
        await MenuOptions(ENVIRONMENT, people(), {}).on_search(
            Ack(), {"action_id": "kp.old", "view": form("x")}, CONTEXT
        )
