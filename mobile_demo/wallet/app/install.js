// @ts-check
/** Shows the fingerprint that came in the scanned link, so that it can be compared. */

const HEX = /^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/i;
const told = decodeURIComponent(location.hash.slice(1));
const place = document.getElementById("fingerprint");
if (place && HEX.test(told)) place.textContent = told;
