/// Logarithms without the system's library of mathematics: a filter is sized once, so that simple beats fast.
enum NaturalLogarithm {
    /// ln 2.
    static let ofTwo = 0.693_147_180_559_945_3

    /// The natural logarithm of a finite number above 0, right to within a few units of the last place.
    static func of(_ number: Double) -> Double {
        // number = fraction * 2^exponent with the fraction around 1, where the series below needs few terms.
        var fraction = number.significand
        var exponent = Double(number.exponent)
        if fraction > 1.414_213_562_373_095 {
            fraction /= 2
            exponent += 1
        }
        // ln x = 2 artanh((x - 1) / (x + 1)); the quotient is at most 0.172, its square below 0.03.
        let quotient = (fraction - 1) / (fraction + 1)
        let square = quotient * quotient
        var power = quotient
        var sum = 0.0
        for odd in stride(from: 1.0, through: 25, by: 2) {
            sum += power / odd
            power *= square
        }
        return 2 * sum + exponent * ofTwo
    }
}
