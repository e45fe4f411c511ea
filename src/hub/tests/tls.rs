//! Certificates of a private authority, made anew for every test.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::*;

pub(super) struct Certificate {
    pub(super) server: ServerConfig,
    pub(super) authority: RootCertStore,
}

pub(super) fn certificate(name: &str, from_year: i32, to_year: i32) -> Certificate {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(vec![]).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    // An address becomes an address in it, a name a name.
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(from_year, 1, 1);
    params.not_after = date_time_ymd(to_year, 1, 1);
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let server = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let mut authority = RootCertStore::empty();
    authority.add(ca_certificate.der().clone()).unwrap();
    Certificate { server, authority }
}

pub(super) async fn start(server: ServerConfig) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acceptor = TlsAcceptor::from(Arc::new(server));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(encrypted(acceptor.clone(), socket));
        }
    });
    url
}

pub(super) async fn encrypted(acceptor: TlsAcceptor, socket: TcpStream) {
    if let Ok(socket) = acceptor.accept(socket).await {
        let (tell, _ignored) = mpsc::unbounded_channel();
        serve(socket, http("200 OK", EMPTY_PAGE).into_bytes(), tell).await;
    }
}

async fn outcome(certificate: Certificate) -> Result<Reply, CallFailure> {
    let url = start(certificate.server).await;
    Hub::with_roots(&url, certificate.authority).unwrap().call(&feed(), PATIENCE).await
}

#[tokio::test]
async fn a_good_certificate_is_taken() {
    assert!(matches!(outcome(certificate("localhost", 2020, 4000)).await, Ok(Reply::Feed(_))));
}

#[tokio::test]
async fn a_certificate_outside_its_time_points_at_the_clock() {
    let expired = certificate("localhost", 2020, 2021);
    assert_eq!(outcome(expired).await, unreachable(Unreachable::Clock));
    let not_yet = certificate("localhost", 3990, 4000);
    assert_eq!(outcome(not_yet).await, unreachable(Unreachable::Clock));
}

#[tokio::test]
async fn a_certificate_of_another_name_or_authority_is_refused() {
    let other_name = certificate("loja.example", 2020, 4000);
    assert_eq!(outcome(other_name).await, unreachable(Unreachable::Certificate));
    let url = start(certificate("localhost", 2020, 4000).server).await;
    let public_only = Hub::new(&url).unwrap();
    assert_eq!(public_only.call(&feed(), PATIENCE).await, unreachable(Unreachable::Certificate));
}

#[tokio::test]
async fn an_answer_without_tls_where_tls_must_be_is_not_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _ = socket.read(&mut [0; 1024]).await;
        }
    });
    let hub = Hub::new(&url).unwrap();
    assert_eq!(hub.call(&feed(), PATIENCE).await, unreachable(Unreachable::NotOurs));
}
