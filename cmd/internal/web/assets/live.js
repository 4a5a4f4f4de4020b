// Follows the summit and tells what is new, without moving the reader.
const body = document.body, live = document.getElementById("live"), news = document.getElementById("news");
if (!("frozen" in body.dataset)) {
  const seen = { fresh: 0, amended: 0 };
  const source = new EventSource(`/v1/summits/${body.dataset.summit}/live?last_event_id=${body.dataset.position}`);
  const say = (text) => { live.textContent = text; };
  source.addEventListener("open", () => say("live"));
  source.addEventListener("error", () => say(source.readyState === EventSource.CLOSED ? "not live" : "reconnecting"));
  source.addEventListener("fact", (e) => {
    const item = JSON.parse(e.data);
    seen[item.amendments.length > 0 ? "amended" : "fresh"]++;
    const parts = [];
    if (seen.fresh) parts.push(`${seen.fresh} new`);
    if (seen.amended) parts.push(`${seen.amended} amended`);
    news.hidden = false;
    news.firstChild.textContent = `${parts.join(", ")}: show`;
  });
  news.firstChild.href = location.href;
}
