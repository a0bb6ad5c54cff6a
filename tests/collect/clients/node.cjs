// Segment's library for Node, as its own documentation uses it: node node.cjs FOLDER HOST WRITE_KEY ROUNDS
const { createRequire } = require("node:module");
const [folder, host, writeKey, rounds] = process.argv.slice(2);
const { Analytics } = createRequire(`${folder}/here.js`)("@segment/analytics-node");

const analytics = new Analytics({ writeKey, host, flushAt: 10, flushInterval: 100, maxRetries: 5 });
analytics.on("error", (error) => { console.error(error); process.exitCode = 1; });

for (let n = 0; n < Number(rounds); n += 1) {
  const userId = `node-${n}`;
  const messageId = (kind) => `${kind}-${n}`;
  analytics.identify({ userId, messageId: messageId("identify"), traits: { email: `node-${n}@nova.example` } });
  analytics.group({ userId, messageId: messageId("group"), groupId: "nova", traits: { name: "Nova" } });
  analytics.page({ userId, messageId: messageId("page"), name: "Prices", properties: { path: "/tarifs" } });
  analytics.screen({ userId, messageId: messageId("screen"), name: "Configurator" });
  analytics.track({ userId, messageId: messageId("track"), event: "Quote Requested", properties: { value: 4200 } });
  analytics.alias({ userId, messageId: messageId("alias"), previousId: `before-${n}` });
}
analytics.closeAndFlush({ timeout: 60000 });
