// Slack as somebody else has built it, run by tests/page/test_another_slack.py: node emulate.mjs SEED, in JSON.
// One line out: {"listening": port}. It ends with its input.
import net from "node:net";
import { createEmulator } from "emulate";

// It would listen on every interface of the machine.
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port) {
  this.once("listening", () => process.stdout.write(`${JSON.stringify({ listening: this.address().port })}\n`));
  return listen.call(this, port, "127.0.0.1");
};

await createEmulator({ service: "slack", port: 0, seed: JSON.parse(process.argv[2]) });
process.stdin.on("end", () => process.exit()).resume();
