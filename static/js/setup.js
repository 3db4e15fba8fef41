// The first run: the zone of this computer's clock stands in the field until somebody types another.

const field = document.querySelector('[data-own-zone] input');
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (field && !field.value && zone && zone.includes('/')) field.value = zone;
