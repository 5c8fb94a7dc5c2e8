const NAMES: [&str; 7] = ["Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

/// By Zeller's congruence.
pub fn day_of_week(date: &str) -> &'static str {
    let mut numbers = date.split('-').map(|number| number.parse::<usize>().unwrap());
    let (mut year, mut month, day) = (numbers.next().unwrap(), numbers.next().unwrap(), numbers.next().unwrap());
    if month < 3 {
        month += 12;
        year -= 1;
    }
    NAMES[(day + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400) % 7]
}
