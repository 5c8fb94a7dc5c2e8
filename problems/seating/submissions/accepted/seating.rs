use std::io;

fn main() {
    let mut line = String::new();
    io::stdin().read_line(&mut line).unwrap();
    let n: usize = line.trim().parse().unwrap();
    if n == 2 || n == 3 {
        println!("impossible");
        return;
    }
    for guest in (2..=n).step_by(2).chain((1..=n).step_by(2)) {
        println!("{guest}");
    }
}
