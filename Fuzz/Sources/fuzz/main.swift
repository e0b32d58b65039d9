// fuzz TARGET [libFuzzer's arguments]: folders of inputs, files to run once, -max_total_time=60 and so on.
// Without arguments: the targets, each with the longest input that is of use.
import CFuzzer
import FuzzBodies
import Glibc

var argc = CommandLine.argc
var argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
if CommandLine.arguments.count > 1, FuzzTarget(rawValue: CommandLine.arguments[1]) != nil {
    setenv(Fuzzer.variable, CommandLine.arguments[1], 1)
    argv?[1] = argv?[0]
    argv = argv?.advanced(by: 1)
    argc -= 1
}
guard let target = Fuzzer.target else {
    for target in FuzzTarget.allCases { print(target.rawValue, target.maximumLength) }
    exit(CommandLine.arguments.count == 1 ? 0 : 2)
}

// What is made once and kept is no input's.
_ = target.seeds
cfuzzer_watch()

exit(
    LLVMFuzzerRunDriver(&argc, &argv) { bytes, count in
        Fuzzer.check([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    })
