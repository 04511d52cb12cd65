// The console's module: keeps a page fresh, ticks its clocks, copies commands. Without it everything else still works.

const $ = (id) => document.getElementById(id);
const main = $("main");
const words = document.documentElement.lang;

// ---- Times: the server writes UTC; here they become the reader's own, with UTC on hover ----

const two = (number) => String(number).padStart(2, "0");
const zoneName = new Intl.DateTimeFormat(words, { timeZoneName: "short" })
  .formatToParts(new Date())
  .find((part) => part.type === "timeZoneName").value;

function localised(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const when = new Date(time.dateTime);
    const clock = `${two(when.getHours())}:${two(when.getMinutes())}`;
    const day = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
    time.textContent = time.dataset.form === "date" ? `${day} ${clock}` : `${clock}:${two(when.getSeconds())}`;
    time.title = `${day} ${clock} ${zoneName} · ${time.dateTime.slice(0, 16).replace("T", " ")} UTC`;
  }
}

// ---- Clocks that tick: by the server's time, however wrong the reader's own is ----

let ahead = 0; // milliseconds that this machine's clock is ahead of the server's

function span(seconds) {
  const hours = Math.floor(seconds / 3600);
  const days = Math.floor(hours / 24);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(Math.floor(seconds) % 60)}`;
  return days > 1 ? `${days} d ${two(hours % 24)}:${rest}` : `${two(hours)}:${rest}`;
}

function tick() {
  const now = Date.now() - ahead;
  for (const clock of document.querySelectorAll(".ticking[data-since]")) {
    const seconds = Math.max(0, (now - Date.parse(clock.dataset.since)) / 1000);
    const text = span(seconds);
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle("over", seconds > Number(clock.dataset.target || Infinity));
  }
}

function setClock(root) {
  const told = root.querySelector(".ticking[data-now]");
  if (told) ahead = Date.now() - Date.parse(told.dataset.now);
}

// ---- Forms: the zone that local times are in, one sending a click, a count on the button ----

function zoneOf(form) {
  const field = form.querySelector("input[type=datetime-local]");
  const when = field && field.value ? new Date(field.value) : new Date();
  return String(-when.getTimezoneOffset());
}

function prepared(root) {
  for (const field of root.querySelectorAll("input[type=datetime-local]")) {
    const hint = root.querySelector(`#${CSS.escape(field.id)}-hint`);
    if (hint) hint.textContent = zoneName;
  }
  for (const where of root.querySelectorAll(".command-where")) {
    if (where.querySelector("button") || !navigator.clipboard) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = main.dataset.copy;
    button.className = "copies";
    where.append(button);
  }
  for (const form of root.querySelectorAll("form")) counted(form);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copies");
  if (!button) return;
  await navigator.clipboard.writeText(button.closest(".command").querySelector("code").textContent);
  button.textContent = main.dataset.copied;
  setTimeout(() => (button.textContent = main.dataset.copy), 2000);
});

// Evidence: its verdict is shown before it is sent, as it is pasted, dropped or chosen.
let checking;

function checks(form) {
  const button = form.querySelector("button.check");
  if (!button) return;
  clearTimeout(checking);
  checking = setTimeout(async () => {
    const sent = new FormData(form);
    sent.set("check", "1");
    const place = form.querySelector(".verdict");
    const page = await ask("POST", form.action, sent).catch(() => null);
    const fresh = page?.getElementById(place.id);
    if (fresh) place.replaceChildren(...document.importNode(fresh, true).childNodes);
  }, 400);
}

document.addEventListener("input", (event) => event.target.name === "evidence_content" && checks(event.target.form));
document.addEventListener("change", (event) => event.target.name === "evidence_file" && checks(event.target.form));
document.addEventListener("dragover", (event) => event.target.name === "evidence_content" && event.preventDefault());
document.addEventListener("drop", async (event) => {
  const file = event.dataTransfer.files[0];
  if (event.target.name !== "evidence_content" || !file) return;
  event.preventDefault();
  event.target.value = await file.text();
  checks(event.target.form);
});

function counted(form) {
  const button = form.querySelector("button[data-one]");
  if (!button) return;
  const ticked = form.querySelectorAll("input[name=workloads]:checked:not(:disabled)").length;
  const plain = (button.dataset.plain ??= button.textContent);
  const text = !ticked ? plain : ticked === 1 ? button.dataset.one : button.dataset.many.replace("#", ticked);
  if (button.textContent !== text) button.textContent = text;
}

document.addEventListener("change", (event) => event.target.form && counted(event.target.form));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 5000); // a lost answer: the same key makes sending again harmless
  const zone = form.querySelector("input[name=zone]");
  if (zone) zone.value = zoneOf(form);
});

document.addEventListener("toggle", (event) => {
  const open = document.querySelector(".menu[open]");
  if (event.target !== open && event.newState === "open" && open) open.open = false;
}, true);
document.addEventListener("click", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// ---- Refreshing: the new page is laid over the old one, node by node, so that focus, selection, what is open and
// ---- what was typed stay where they are ----

const KEPT = new Set(["open", "hidden"]); // what the reader did to an element is the reader's

function same(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id || "") === (other.id || "");
}

function attributes(old, fresh) {
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) {
    const mine = KEPT.has(name) && old.nodeName === "DETAILS";
    if (!fresh.hasAttribute(name) && !mine) old.removeAttribute(name);
  }
}

function lay(old, fresh) {
  const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
  const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let place = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const match = next.id ? known.get(next.id) : place && same(place, next) ? place : null;
    if (!match) {
      old.insertBefore(document.importNode(next, true), place);
      continue;
    }
    while (place && place !== match && !wanted.has(place.id)) place = dropped(place); // moving would lose the focus
    if (place === match) place = place.nextSibling;
    else old.insertBefore(match, place);
    if (match.nodeType !== Node.ELEMENT_NODE) {
      if (match.nodeValue !== next.nodeValue) match.nodeValue = next.nodeValue;
    } else if (!match.isEqualNode(next)) {
      attributes(match, next);
      if (!match.matches("textarea, .verdict")) lay(match, next);
    }
  }
  while (place) place = dropped(place);
}

function dropped(node) {
  const after = node.nextSibling;
  node.remove();
  return after;
}

function touched(work) {
  if (!work) return false;
  const typed = [...work.querySelectorAll("input, textarea, select")].some((field) => {
    if (field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.nodeName === "SELECT") return [...field.options].some((one) => one.selected !== one.defaultSelected && one.defaultSelected);
    return field.value !== field.defaultValue;
  });
  return typed || work.contains(document.activeElement);
}

function refreshed(page) {
  const fresh = page.getElementById("main");
  if (fresh?.dataset.follow !== main.dataset.follow) return ended();
  setClock(fresh);
  localised(fresh);
  const work = $("work");
  const next = fresh.querySelector("#work");
  const moved = work && next && work.dataset.stands !== next.dataset.stands;
  if (moved && touched(work)) {
    next.replaceWith(document.importNode(work, true)); // the old forms stay to be read
    lay(main, fresh);
    freeze(fresh);
    return;
  }
  // A form that came back to be mended stays as it came, and so does what is said of it.
  for (const form of main.querySelectorAll("form[data-typed]")) {
    fresh.querySelector(`#${CSS.escape(form.id)}`)?.replaceWith(document.importNode(form, true));
  }
  if ($("refusal")) fresh.querySelector("#moved")?.before(document.importNode($("refusal"), true));
  prepared(fresh);
  lay(main, fresh);
  if (moved) for (const verdict of main.querySelectorAll(".verdict")) verdict.replaceChildren();
  for (const form of main.querySelectorAll("form")) counted(form);
  if (moved) rest($("work"));
  tick();
}

// What was read is no longer where things stand: say who moved it, leave what was typed, let nothing be sent.
function freeze(fresh) {
  for (const button of $("work").querySelectorAll("form button")) button.disabled = true;
  tell(fresh.querySelector("#how").textContent, main.dataset.goOn, location.href.replace(/[?&]said=\d+/, ""));
}

// The session has ended: the sign-in leads back here; what is typed waits, and can be sent after it.
function ended() {
  if (!touched($("work"))) return location.reload();
  tell(main.dataset.ended, main.dataset.signIn, "/sign-in").target = "_blank";
}

function tell(text, way, address) {
  const notice = $("moved");
  const link = document.createElement("a");
  link.href = address;
  link.textContent = way;
  notice.replaceChildren(`${text} `, link);
  notice.className = "notice is-care";
  notice.hidden = false;
  return link;
}

// A finger on its way to a button meets another button: the new one waits a moment.
function rest(work) {
  for (const button of work.querySelectorAll("button.primary:not(:disabled)")) {
    button.disabled = true;
    setTimeout(() => (button.disabled = false), 1200);
  }
}

// XMLHttpRequest and not fetch: it gives a document, so that no markup is ever made of text here.
function ask(method, address, body) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.responseType = "document";
    request.timeout = 10000;
    request.onload = () => (request.status === 200 ? resolve(request.response) : reject(new Error(request.status)));
    request.onerror = request.ontimeout = () => reject(new Error("offline"));
    request.send(body);
  });
}

// ---- Following: the stream says that something changed; where there is no stream, asking every few seconds ----

const POLL = 5000;
const pulse = $("pulse");
let source, timer, lost, busy = false, again = false;

function say(state) {
  if (!pulse) return;
  if (state === "offline") lost ??= new Date();
  else lost = undefined;
  pulse.hidden = false;
  pulse.classList.toggle("is-offline", state === "offline");
  const text = state === "offline" ? pulse.dataset.offline.replace("%s", `${two(lost.getHours())}:${two(lost.getMinutes())}`) : pulse.dataset[state];
  if (pulse.textContent !== text) pulse.textContent = text;
}

async function refresh() {
  if (busy) return void (again = true);
  busy = true;
  try {
    do {
      again = false;
      refreshed(await ask("GET", location.href.replace(/[?&]said=\d+/, "")));
    } while (again);
    return true;
  } catch {
    return false;
  } finally {
    busy = false;
  }
}

async function poll() {
  clearTimeout(timer);
  say((await refresh()) ? "polling" : "offline");
  timer = setTimeout(poll, POLL);
}

function follow() {
  clearTimeout(timer);
  source?.close();
  source = new EventSource(main.dataset.follow);
  source.addEventListener("version", async (event) => {
    clearTimeout(timer);
    const known = main.dataset.version === event.data;
    say(known || (await refresh()) ? "live" : "offline");
    main.dataset.version = event.data;
  });
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, POLL);
    poll();
  };
}

// A hidden tab holds no stream: a browser has few connections for all its tabs.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    source?.close();
    clearTimeout(timer);
  } else if (main.dataset.follow) follow();
});

setClock(document);
localised(document);
prepared(document);
tick();
setInterval(tick, 1000);
$("refusal")?.focus();
if (main.dataset.follow) follow();
