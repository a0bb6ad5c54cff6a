// Segment's library for browsers, as its own documentation uses it. What differs between tests stands in the address.
const given = new URLSearchParams(location.search);
const collector = given.get("collector");
const segment = { apiHost: `${new URL(collector).host}/v1`, protocol: "http" };
if (given.get("batching")) {
  segment.deliveryStrategy = { strategy: "batching", config: { size: 4, timeout: 500 } };
}
const analytics = AnalyticsNext.AnalyticsBrowser.load(
  { writeKey: given.get("key"), cdnURL: collector },
  { integrations: { "Segment.io": segment } },
);

async function tell() {
  await analytics.page("Prices");
  await analytics.identify("ada", { email: "ada@nova.example", firstName: "Ada" });
  await analytics.group("nova", { name: "Nova" });
  await analytics.track("Quote Requested", { value: 4200 });
  await analytics.alias("ada", "before");
  await analytics.screen("Configurator");
  document.title = "told";
}
tell();
document.getElementById("away").addEventListener("click", () => analytics.track("Page Left"));
