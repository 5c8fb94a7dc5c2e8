const { dayOfWeek } = require('./days.js');

const [, ...dates] = require('fs').readFileSync(0, 'utf8').trim().split('\n');
console.log(dates.map(dayOfWeek).join('\n'));
