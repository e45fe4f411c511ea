#![no_main]

#[global_allocator]
static ALLOCATOR: pos_connect_fuzzing::ceiling::Counting = pos_connect_fuzzing::ceiling::Counting;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pos_connect_fuzzing::run("bridge", data);
});
