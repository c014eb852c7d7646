"""What an app does in tests of the sandbox, however it is reached."""

from slack_bolt.async_app import AsyncApp

from tests.sandbox.desk import a_modal, a_section


def decide_in_a_modal(bolt: AsyncApp) -> None:
    """The button `a` opens a modal; its words take the place of the message, once they are five letters long."""

    @bolt.action("a")
    async def open_modal(ack, body, client) -> None:
        metadata = f"{body['channel']['id']} {body['message']['ts']}"
        await client.views_open(trigger_id=body["trigger_id"], view=a_modal(private_metadata=metadata))
        await ack()

    @bolt.view("m")
    async def decide(ack, view, client) -> None:
        said = view["state"]["values"]["comment"]["words"]["value"]
        if len(said) < 5:
            await ack(response_action="errors", errors={"comment": "Say more"})
            return
        channel, ts = view["private_metadata"].split()
        await client.chat_update(channel=channel, ts=ts, text=said, blocks=[a_section(said)])
        await ack()
