const lines = require('readline').createInterface({ input: process.stdin });
let least = 1, most = 1000, guess;
const ask = () => console.log(guess = (least + most) >> 1);
lines.on('line', (answer) => {
    if (answer === 'correct')
        return lines.close();
    if (answer === 'lower')
        most = guess - 1;
    else
        least = guess + 1;
    ask();
});
ask();
