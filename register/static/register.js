// Brings the figures up to date while somebody looks at them; without it the page stays as it came.

const EVERY = 10_000;

function load() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.timeout = 8_000;
    request.onload = () => (request.status === 200 ? resolve(request.response) : reject());
    request.onerror = request.ontimeout = () => reject();
    request.send();
  });
}

async function refresh() {
  if (document.hidden) {
    return;
  }
  const here = document.getElementById("standing");
  try {
    const fresh = (await load()).getElementById("standing");
    const before = here.querySelector("h1").textContent;
    // The headline is spoken when it changes, the figures are not.
    here.replaceWith(document.importNode(fresh, true));
    const now = document.querySelector("#standing h1").textContent;
    if (now !== before) {
      document.getElementById("spoken").textContent = now;
    }
    document.body.removeAttribute("data-away");
  } catch {
    document.body.setAttribute("data-away", "");
  }
}

setInterval(refresh, EVERY);
