(function () {
  "use strict";
  var page = document.documentElement;
  var zone;
  try {
    zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  } catch (e) {
    return;
  }
  if (!zone || zone === page.dataset.zone) {
    return;
  }
  var there = new URL(location.href);
  there.searchParams.set("tz", zone);
  if (page.dataset.asked !== "yes") {
    location.replace(there);
    return;
  }
  document.addEventListener("DOMContentLoaded", function () {
    var link = document.getElementById("own-zone");
    link.href = there;
    link.textContent = "Show times in " + zone;
    link.hidden = false;
  });
})();
