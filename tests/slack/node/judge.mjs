// Slack's own framework and client, run by tests/sandbox/test_javascript.py: node judge.mjs SECRET TOKEN.
// Each line in: {"slack": address} once the sandbox is up, then {"method", "arguments"} for the client to call.
// Each line out: {"listening": port}, {"received": kind, "payload"} as Bolt hands it on, {"ready"}, {"called"}: what
// the client gives back, or {"thrown"}.
import { createInterface } from "node:readline";
import bolt from "@slack/bolt";
import { LogLevel, WebClient } from "@slack/web-api";

const [signingSecret, token] = process.argv.slice(2);
const tell = (said) => process.stdout.write(`${JSON.stringify(said)}\n`);
const plain = (text) => ({ type: "plain_text", text });
const MODAL = {
  type: "modal",
  callback_id: "m",
  title: plain("Order"),
  submit: plain("Send"),
  notify_on_close: true,
  blocks: [
    {
      type: "input",
      block_id: "comment",
      label: plain("Comment"),
      element: { type: "plain_text_input", action_id: "words" },
    },
  ],
};

function listen(app) {
  app.action("a", async ({ ack, body, client }) => {
    tell({ received: "action", payload: body });
    const place = body.message && { channel: body.channel.id, ts: body.message.ts };
    await client.views.open({ trigger_id: body.trigger_id, view: { ...MODAL, private_metadata: JSON.stringify(place) } });
    await ack();
  });
  app.action("later", async ({ ack, body }) => {
    tell({ received: "action", payload: body });
    await ack();
  });
  app.view("m", async ({ ack, body, view, client }) => {
    tell({ received: "submission", payload: body });
    const text = view.state.values.comment.words.value;
    if (text.length < 5) return ack({ response_action: "errors", errors: { comment: "Say more" } });
    await client.chat.update({ ...JSON.parse(view.private_metadata), text, blocks: [{ type: "section", text: plain(text) }] });
    return ack({ response_action: "clear" });
  });
  app.view({ callback_id: "m", type: "view_closed" }, async ({ ack, body }) => {
    tell({ received: "closing", payload: body });
    await ack();
  });
  app.command("/order", async ({ ack, body, respond }) => {
    tell({ received: "command", payload: body });
    await ack(`You ordered ${body.text}`);
    await respond({ text: "And more", response_type: "in_channel" });
  });
  app.options("find", async ({ ack, body }) => {
    tell({ received: "options", payload: body });
    await ack({ options: [{ text: plain("Region"), value: "1" }] });
  });
  app.shortcut("new_order", async ({ ack, body }) => {
    tell({ received: "shortcut", payload: body });
    await ack();
  });
  app.event("app_home_opened", async ({ body, event, client }) => {
    tell({ received: "home", payload: body });
    await client.views.publish({ user_id: event.user, view: { type: "home", blocks: MODAL.blocks.slice(1).concat({ type: "divider" }) } });
  });
  app.message(async ({ body }) => tell({ received: "message", payload: body }));
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => {
  const { value, done } = await lines.next();
  return done ? undefined : JSON.parse(value);
};

const receiver = new bolt.HTTPReceiver({ signingSecret, logLevel: LogLevel.ERROR, processBeforeResponse: true });
const server = await receiver.start(0);
tell({ listening: server.address().port });
const { slack } = await next();
const options = { slackApiUrl: `${slack}/api/`, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
const app = new bolt.App({ token, receiver, clientOptions: options, processBeforeResponse: true, logLevel: LogLevel.ERROR });
listen(app);
tell({ ready: true });
const client = new WebClient(token, { ...options, logLevel: LogLevel.ERROR });
for (let asked = await next(); asked !== undefined; asked = await next()) {
  try {
    const method = asked.method.split(".").reduce((found, name) => found[name].bind?.(found) ?? found[name], client);
    tell({ called: await method(asked.arguments) });
  } catch (error) {
    tell({ called: { thrown: error.data?.error ?? String(error) } });
  }
}
await receiver.stop();
