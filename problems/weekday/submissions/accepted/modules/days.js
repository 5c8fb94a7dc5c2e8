const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

module.exports = { dayOfWeek: (date) => names[new Date(`${date}T00:00:00Z`).getUTCDay()] };
