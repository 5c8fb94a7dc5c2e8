a = (require('fs').readFileSync(0)+'').trim()
console.log(a == [...a].reverse().join('') ? 'yes' : 'no')
