// What the page does besides with script: it follows the summit and tells what
// is new without moving the reader, remembers where they left, and goes through
// the moments of knowledge in place. All of it works without: by links and forms.
const $ = (id) => document.getElementById(id);
const summit = document.body.dataset.summit;
const key = `summit ${summit} seen`;
const seqOf = (position) => Number(position.split("-")[1]);
const epochOf = (position) => position.split("-")[0];
const data = () => document.body.dataset;

// --- words, in the language of the page
const lang = document.documentElement.lang === "en" ? "en-GB" : `${document.documentElement.lang}-u-nu-latn`; // digits as the server writes them
const texts = JSON.parse(data().texts);
const plural = new Intl.PluralRules(lang), number = new Intl.NumberFormat(lang);
const words = (name, places = {}) => {
  const forms = texts[name];
  const text = ("count" in places && forms[plural.select(places.count)]) || forms.other;
  return text.replace(/\{(\w+)\}/g, (_, place) => (typeof places[place] === "number" ? number.format(places[place]) : places[place]));
};

// --- the state of the connection, in words
const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: data().zone, timeZoneName: "short" });
let heard = new Date(), state = "";
const say = (text, cls) => {
  if (text === state) return; // a state is announced once
  state = text;
  $("live").textContent = text;
  $("live").className = cls;
};
const quiet = 40_000; // the server speaks every 15 s
setInterval(() => {
  if (source && state === words("live") && Date.now() - heard > quiet) say(words("stale", { time: clock.format(heard) }), "off");
}, 1000);

// --- what is new, told in one line that is read out no oftener than it matters
let fresh = new Map(), told = 0;
const kinds = ["new", "correction", "retraction", "update"];
const kindOf = (item, seq) => {
  if (item.seq === seq) return "new";
  const a = item.amendments.find((x) => x.seq === seq);
  if (a && a.type === "fact.retracted" && a.target !== item.fact) return "update"; // an amendment is withdrawn
  return { "fact.corrected": "correction", "fact.retracted": "retraction" }[a && a.type] || "update";
};
const tell = () => {
  told = 0;
  const count = {};
  for (const k of fresh.values()) count[k] = (count[k] || 0) + 1;
  const text = kinds.filter((k) => count[k]).map((k) => words(k, { count: count[k] })).reduce((one, other) => words("list.comma", { one, other }));
  const url = new URL(location.href);
  url.searchParams.set("since", data().since || data().position);
  url.searchParams.delete("cursor");
  url.hash = "changed";
  const a = document.createElement("a");
  a.href = url;
  a.textContent = words("show", { what: text });
  $("news").replaceChildren(a);
  $("news").hidden = false;
};
const note = (seq, kind) => {
  fresh.set(seq, kind);
  told ||= setTimeout(tell, 1000);
};

// --- following
let source = null, last = data().position, again = 0;
const follow = () => {
  clearTimeout(again);
  if (source || "frozen" in data() || "closed" in data()) return;
  source = new EventSource(`/v1/summits/${summit}/live?last_event_id=${encodeURIComponent(last)}`);
  const hear = (e) => { heard = new Date(); if (e && e.lastEventId) last = e.lastEventId; say(words("live"), "on"); };
  source.onopen = hear;
  for (const name of ["tick", "caught-up", "lagging", "quarantined"]) source.addEventListener(name, hear);
  source.addEventListener("fact", (e) => { hear(e); note(e.lastEventId, kindOf(JSON.parse(e.data), seqOf(e.lastEventId))); });
  source.addEventListener("summit", (e) => { hear(e); note(e.lastEventId, "update"); });
  source.addEventListener("gap", () => { // the log is another than the page was read from
    const a = document.createElement("a");
    const chosen = new URL(location.href).searchParams.get("lang");
    a.href = location.pathname + (chosen ? `?lang=${encodeURIComponent(chosen)}` : "");
    a.textContent = words("gap");
    $("news").replaceChildren(a);
    $("news").hidden = false;
    leave();
    say(words("gap.state"), "off");
  });
  source.onerror = () => {
    if ("frozen" in data()) return;
    say(words("reconnecting", { time: clock.format(heard) }), "off");
    if (source.readyState === EventSource.CLOSED) { // it does not try again by itself
      leave();
      again = setTimeout(follow, 3000);
    }
  };
};
const leave = () => { source?.close(); source = null; };

// --- another moment of knowledge, in place: the reader stays where they are
const parts = ["deck", "steps", "banner", "main"];
let shown = location.search, asked = 0;
const swap = async (url, push) => { // says whether it was done: where a reader is quick, the last asked for counts
  const turn = ++asked;
  if (push) history.pushState(null, "", url);
  shown = location.search;
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (turn !== asked) return false;
  if (!answer.ok) { location.href = url; return false; }
  const next = new DOMParser().parseFromString(text, "text/html");
  const y = scrollY;
  for (const id of parts) $(id).replaceWith(document.adoptNode(next.getElementById(id)));
  for (const name of ["position", "frozen", "closed", "since"]) {
    if (name in next.body.dataset) data()[name] = next.body.dataset[name]; else delete data()[name];
  }
  document.title = next.title;
  $("known").value = next.getElementById("known").value;
  scrollTo({ top: y, behavior: "instant" });
  fresh.clear();
  $("news").hidden = true;
  if ("frozen" in data()) { leave(); say(words("live.frozen"), ""); } else { last = data().position; say(words("notlive"), ""); follow(); }
  enhance();
  return true;
};
addEventListener("popstate", () => { if (location.search !== shown) swap(location.href, false).then((done) => done && place()); }); // a link within the page is one too

// --- a slider over the moments
const steps = [...$("known").options].reverse(); // oldest first, now last
let slider = null, output = null;
const place = () => {
  if (!slider) return;
  slider.value = steps.indexOf($("known").selectedOptions[0]);
  output.textContent = slider.ariaValueText = steps[slider.value].text;
};
if (steps.length > 2) {
  const label = document.createElement("label");
  slider = document.createElement("input");
  Object.assign(slider, { type: "range", id: "slider", min: 0, max: steps.length - 1, step: 1 });
  output = document.createElement("output");
  label.htmlFor = "slider";
  label.textContent = words("slider");
  $("scrub").append(label, slider, output);
  place();
  slider.addEventListener("input", () => { output.textContent = slider.ariaValueText = steps[slider.value].text; });
  slider.addEventListener("change", () => {
    const url = new URL(location.href);
    url.searchParams.delete("cursor");
    url.hash = "";
    const known = steps[slider.value].value;
    if (known) url.searchParams.set("known", known); else url.searchParams.delete("known");
    swap(url, true);
  });
}

// --- the reader's own zone
const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (mine) {
  const have = [...$("zone").options].find((o) => o.value === mine);
  if (have) have.text = words("mine", { zone: mine });
  else $("zone").add(new Option(words("mine", { zone: mine }), mine));
}

// --- citations can be copied
const enhance = () => {
  if (!navigator.clipboard) return;
  for (const q of document.querySelectorAll(".cite q")) {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = words("copy");
    b.addEventListener("click", async () => { await navigator.clipboard.writeText(q.textContent); b.textContent = words("copied"); });
    q.after(b);
  }
};

// --- where the reader left, so that the next visit begins with what changed
const begin = async () => {
  let seen = null;
  try { seen = localStorage.getItem(key); } catch { /* storage is off: the link does it */ }
  const here = data().position;
  const plain = !("frozen" in data()) && !new URL(location.href).searchParams.has("since");
  if (plain && seen && epochOf(seen) === epochOf(here) && seqOf(seen) < seqOf(here) && scrollY === 0) {
    const url = new URL(location.href);
    url.searchParams.set("since", seen);
    await swap(url, false).catch(() => {});
  }
  follow();
  enhance();
};
addEventListener("pagehide", () => {
  leave();
  if ("frozen" in data()) return;
  try { localStorage.setItem(key, data().position); } catch { /* storage is off */ }
});
addEventListener("pageshow", (e) => { if (e.persisted) follow(); });
begin();
