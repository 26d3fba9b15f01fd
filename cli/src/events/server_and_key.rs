//! The server that commands call, and the key that they call it with: options, or the environment variables of the SDKs.

use super::api_client::ApiClient;
use crate::error::CommandError;

/// The URL of a local server with its default options.
const LOCAL_SERVER: &str = "http://127.0.0.1:8080";

/// Former names of the environment variables, which are still read.
const FORMER_URL: &str = "LEADHOUSE_URL";
const FORMER_KEY: &str = "LEADHOUSE_KEY";

/// The server and the key that commands call it with.
#[derive(clap::Args, Clone, Debug)]
#[command(
    after_help = "LEADHOUSE_URL and LEADHOUSE_KEY, the former names of LEADHOUSE_BASE_URL and LEADHOUSE_API_KEY, are \
                        still read where the new ones are not set."
)]
pub(crate) struct ServerAndKey {
    /// Base URL of a deployment's API, or of a local server; without it, the one at port 8080 of this machine
    #[arg(long, value_name = "URL", env = "LEADHOUSE_BASE_URL")]
    url: Option<String>,
    /// API key with the scope that the command needs
    #[arg(long, value_name = "KEY", env = "LEADHOUSE_API_KEY", hide_env_values = true)]
    key: Option<String>,
}

impl ServerAndKey {
    /// Returns a client of the server.
    pub(crate) fn client(&self) -> Result<ApiClient, CommandError> {
        let (url, key) = self.resolve(|name| std::env::var(name).ok());
        let key = key.ok_or(CommandError::NoApiKey)?;
        Ok(ApiClient::new(&url, &key)?)
    }

    /// Returns the URL, and the key if there is one. `variable` reads an environment variable; those of the present names
    /// are read with the options.
    fn resolve(&self, variable: impl Fn(&str) -> Option<String>) -> (String, Option<String>) {
        // An empty environment variable counts as missing, as in the SDKs.
        let or_former = |given: Option<&String>, former| {
            let given = given.cloned().filter(|text| !text.trim().is_empty());
            given.or_else(|| variable(former).filter(|text| !text.trim().is_empty()))
        };
        let url = or_former(self.url.as_ref(), FORMER_URL);
        (url.unwrap_or_else(|| LOCAL_SERVER.to_owned()), or_former(self.key.as_ref(), FORMER_KEY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(url: Option<&str>, key: Option<&str>, variables: &[(&str, &str)]) -> (String, Option<String>) {
        let options = ServerAndKey { url: url.map(str::to_owned), key: key.map(str::to_owned) };
        options.resolve(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn former_variables_stand_for_what_is_not_given() {
        let former = [("LEADHOUSE_URL", "http://former"), ("LEADHOUSE_KEY", "former")];
        assert_eq!(resolve(None, None, &former), ("http://former".to_owned(), Some("former".to_owned())));
        assert_eq!(resolve(Some(""), Some(" "), &former), ("http://former".to_owned(), Some("former".to_owned())));
        assert_eq!(resolve(Some("http://a"), Some("k"), &former), ("http://a".to_owned(), Some("k".to_owned())));
    }

    #[test]
    fn without_a_url_the_local_server_is_called() {
        for variables in [&[][..], &[("LEADHOUSE_URL", ""), ("LEADHOUSE_KEY", "")]] {
            assert_eq!(resolve(None, None, variables), ("http://127.0.0.1:8080".to_owned(), None));
        }
    }
}
