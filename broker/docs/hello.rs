// Examples in the documentation include this file.

/// A client named `shop` says hello (ApiVersions) to the first node. Returns the error code of the answer.
pub fn hello(broker: &fauxka::Broker) -> std::io::Result<i16> {
    use std::io::{Read as _, Write as _};

    let first = broker.bootstrap().split(',').next().unwrap_or_default();
    let mut client = std::net::TcpStream::connect(first)?;
    client.write_all(b"\0\0\0\x0e\0\x12\0\0\0\0\0\x07\0\x04shop")?;
    let mut answer = [0; 10];
    client.read_exact(&mut answer)?;
    Ok(i16::from_be_bytes([answer[8], answer[9]]))
}
